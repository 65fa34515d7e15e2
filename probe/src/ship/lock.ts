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
 * disk does not take the lock file, or there is no program `flock`.
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
  const child = spawn('flock', ['--nonblock', '3'], {
    env: { PATH: searchPath },
    stdio: ['ignore', 'ignore', 'ignore', lock],
  })
  return new Promise((resolve, reject) => {
    child.once('error', () =>
      reject(new Error("Can't run flock. To do: apt-get install util-linux")),
    )
    child.once('close', (status) => resolve(status === 0))
  })
}
