/**
 * One shipping at a time. The lock is the system's (flock), on a file that rclone keeps open too: should
 * this process be killed, it is not free while its rclone still works.
 */
import { spawn } from 'node:child_process'
import { chown, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { explainDiskFailure } from '../spool/disk-failure.ts'
import { isForeign } from '../spool/durable-write.ts'

/**
 * Runs `work` with the open lock file of the spool `folder`; `'taken'` when another process ships. Throws when the
 * disk does not take the lock file, or the program `flock` can't be run.
 */
export async function withShipLock<T>(
  folder: string,
  searchPath: string,
  work: (lock: number) => Promise<T>,
): Promise<T | 'taken'> {
  const path = join(folder, '.ship.lock')
  const file = await open(path, 'a', 0o640).catch((cause: Error) => {
    const { reason, advice } = explainDiskFailure(cause, folder)
    throw new Error(`Can't lock ${path}: ${reason}. To do: ${advice}`, { cause })
  })
  try {
    const owner = await stat(folder)
    if (isForeign((await file.stat()).uid, owner)) await chown(path, owner.uid, owner.gid)
    return (await isFree(file.fd, searchPath)) ? await work(file.fd) : 'taken'
  } finally {
    await file.close()
  }
}

/** Takes the lock of an open file: it belongs to the opening, which the program `flock` shares with us. */
function isFree(lock: number, searchPath: string): Promise<boolean> {
  return new Promise<boolean>((resolve, reject) => {
    // What it throws at once, such as ENOMEM, rejects too.
    const child = spawn('flock', ['--nonblock', '3'], {
      env: { PATH: searchPath },
      stdio: ['ignore', 'ignore', 'ignore', lock],
    })
    child.once('error', reject)
    child.once('close', (status) => resolve(status === 0))
  }).catch((cause: NodeJS.ErrnoException) => {
    const [reason, advice] =
      cause.code === 'ENOENT'
        ? ['it is not installed', 'apt-get install util-linux']
        : [cause.message, 'nothing if it does not last; else restart the machine']
    throw new Error(`Can't run flock: ${reason}. To do: ${advice}`, { cause })
  })
}
