/**
 * The S3 stand-in as a process of its own: beside the client, not on its event loop. It holds what it
 * is given in memory, and knows which objects were read.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { MinuteFile } from './minute-files.ts'

export const S3_KEY = {
  accessKeyId: 'bench',
  secretAccessKey: 'bench-secret',
  allow: 'all',
} as const

export type Question =
  | { readonly ask: 'start'; readonly buckets: readonly string[] }
  | {
      readonly ask: 'write'
      readonly buckets: readonly string[]
      readonly files: readonly MinuteFile[]
    }
  | { readonly ask: 'read' }

export interface Answer {
  readonly endpoint?: string
  readonly read?: readonly string[]
}

export interface S3Process {
  readonly endpoint: string
  /** Puts the files in each of the buckets. */
  write(buckets: readonly string[], files: readonly MinuteFile[]): Promise<void>
  /** The keys of the objects that were read since the last call, one for each request. */
  takeRead(): Promise<readonly string[]>
}

/** Calls `work` with a server that has `buckets`, and ends it whatever happens. */
export async function withS3Process<T>(
  buckets: readonly string[],
  signal: AbortSignal,
  work: (server: S3Process) => Promise<T>,
): Promise<T> {
  const main = fileURLToPath(new URL('s3-process-main.ts', import.meta.url))
  const child = fork(main, { serialization: 'advanced', signal })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  // An abort is an `error` event too: the questions below tell of it.
  child.on('error', () => {})
  try {
    const { endpoint = '' } = await ask({ ask: 'start', buckets })
    return await work({
      endpoint,
      write: async (into, files) => {
        await ask({ ask: 'write', buckets: into, files })
      },
      takeRead: async () => (await ask({ ask: 'read' })).read ?? [],
    })
  } finally {
    child.kill()
    await ended
  }

  /** One question at a time. */
  function ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      void ended.then(() => reject(new Error('the S3 stand-in ended')))
      child.once('message', (message) => resolve(message as Answer))
      child.send(question)
    })
  }
}
