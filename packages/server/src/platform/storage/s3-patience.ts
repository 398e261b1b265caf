import type { S3Client } from '@aws-sdk/client-s3'

/** Until a bucket has begun to answer a small question. */
export const answerMs = 4_000
/** Bytes of an upload, or the answer to them, that do not move. However slow they are, they may go on. */
export const stallMs = 5_000

const leastMs = 30_000
const bytesPerMs = 4_000

/** Many services copy every byte of an object before they answer that it is complete, or that it was copied. */
export const patienceFor = (bytes: number): number => leastMs + Math.ceil(bytes / bytesPerMs)

interface Clients {
  client: S3Client
  writer: S3Client
  sdk: { CompleteMultipartUploadCommand: new (...input: never[]) => object }
}

/** What an upload needs of a client, with patience that fits each of its requests; and how far it came. */
export function uploadSender({ client, writer, sdk }: Clients, size: () => number) {
  const sender = {
    config: writer.config,
    isCompleting: false,
    send: ((command: Parameters<S3Client['send']>[0]) => {
      if (!(command instanceof sdk.CompleteMultipartUploadCommand)) return writer.send(command)
      sender.isCompleting = true
      return client.send(command, { requestTimeout: patienceFor(size()) })
    }) as S3Client['send'],
  }
  return sender
}
