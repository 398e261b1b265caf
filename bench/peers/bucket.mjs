// The S3 service of the tests, until standard input ends. Prints the settings of an Atrium that uses it.
import { startS3Server } from '../../packages/server/test/s3-server.ts'

const bucket = await startS3Server()
console.log(JSON.stringify(bucket.variables))
process.stdin.resume().once('end', () => bucket.close())
