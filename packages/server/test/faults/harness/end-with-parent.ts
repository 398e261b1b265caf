// A server whose test was killed must not stay behind: the pipe to it closes however the test ends.
const end = () => process.exit(1)
process.stdin.on('end', end).on('close', end).on('error', end).resume()
process.stdin.unref()
