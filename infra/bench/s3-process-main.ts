/** The program that s3-process.ts starts: the S3 stand-in, told over IPC what to hold. */
import {
  type S3Server,
  startS3Server,
} from '@presences/aggregator/testing/stand-ins/s3/s3-server.ts'
import { type Answer, type Question, S3_KEY } from './s3-process.ts'

// Whatever ends the bench, also a SIGKILL, ends this process.
process.once('disconnect', () => process.exit())
process.on('message', (question: Question) => void answer(question))

let server: S3Server | undefined

async function answer(question: Question): Promise<void> {
  if (question.ask === 'start') {
    server = await startS3Server({ buckets: question.buckets, keys: [S3_KEY] })
    return send({ endpoint: server.endpoint })
  }
  if (!server) throw new Error('the server was not started')
  if (question.ask === 'write') {
    for (const { key, text } of question.files) {
      for (const bucket of question.buckets) server.write(bucket, key, Buffer.from(text))
    }
    return send({})
  }
  const read = server.requests.filter(({ method, key }) => method === 'GET' && key !== '')
  server.requests.length = 0
  send({ read: read.map(({ key }) => key) })
}

function send(answered: Answer): void {
  process.send?.(answered)
}
