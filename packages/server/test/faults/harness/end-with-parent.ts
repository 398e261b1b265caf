// A server whose test was killed must not stay behind: the pipe to it closes however the test ends.
process.stdin.on('end', () => process.exit(1)).resume()
process.stdin.unref()
