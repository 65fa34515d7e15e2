/**
 * One writer at a time for one file, between processes too. A lock is a symbolic link that points to
 * nothing: made in one step, only where there is none, with its owner's name as the target.
 *
 * A killed process leaves its lock behind. On the same machine that is known for certain (process,
 * start time, boot) and the lock is taken away at once; an owner in another container or on another
 * machine can't be asked, so its lock counts for a minute: a thousand times longer than a write takes.
 */
import { randomUUID } from 'node:crypto'
import { lstat, readFile, readlink, symlink, unlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { absent } from './fault.ts'

/** Runs `work` while nobody else holds the lock at `path`. */
export type Lock = <T>(path: string, work: () => Promise<T>) => Promise<T>

const FOREIGN_PATIENCE_MS = 60_000
const PATIENCE_MS = 90_000
const MAX_POLL_MS = 20

/** A lock as seen by others: `<process>.<start time>@<machine>#<unique>`. */
const OWNER = /^(\d+)\.(\d*)@(.*)#/

/** Locks for one store. Within a process the waiting is a queue; between processes it is polling. */
export function createLock(): Lock {
  const queues = new Map<string, Promise<unknown>>()
  let self: Promise<string> | undefined

  return (path, work) => {
    const turn = (queues.get(path) ?? Promise.resolve()).then(() => hold(path, work))
    const done = turn.catch(() => undefined)
    queues.set(path, done)
    void done.then(() => queues.get(path) === done && queues.delete(path))
    return turn
  }

  async function hold<T>(path: string, work: () => Promise<T>): Promise<T> {
    self ??= nameOfSelf()
    const owner = `${await self}#${randomUUID()}`
    await take(path, owner)
    try {
      return await work()
    } finally {
      if ((await ownerOf(path)) === owner) await unlink(path)
    }
  }

  async function take(path: string, owner: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      try {
        return await symlink(owner, path)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const other = await ownerOf(path)
      if (other === undefined) continue
      if (await isGone(other, path, owner)) await bury(path, other)
      else if (performance.now() < deadline) await delay(Math.random() * MAX_POLL_MS)
      else throw new Error(`it is locked by process ${other}; stop that, or delete ${path}`)
    }
  }

  /** Takes a dead owner's lock away. Under a lock, lest two bury it, the second a new owner's. */
  async function bury(path: string, dead: string): Promise<void> {
    await hold(`${path}.bury`, async () => {
      if ((await ownerOf(path)) === dead) await unlink(path)
    })
  }
}

async function ownerOf(path: string): Promise<string | undefined> {
  return await readlink(path).catch(absent)
}

async function isGone(other: string, path: string, self: string): Promise<boolean> {
  const [, pid = '', start, machine] = OWNER.exec(other) ?? []
  const [, , , here] = OWNER.exec(self) ?? []
  if (machine === here) return !(await isAlive(Number(pid), start ?? ''))
  const stats = await lstat(path).catch(absent)
  return stats !== undefined && Date.now() - stats.mtimeMs > FOREIGN_PATIENCE_MS
}

async function isAlive(pid: number, start: string): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, under another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const startNow = await startOf(pid)
  return startNow === '' || startNow === start
}

/** Process, start time, and what tells this boot and this container from others. */
async function nameOfSelf(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(hostname)
  const pids = await readlink('/proc/self/ns/pid').catch(() => '')
  return `${process.pid}.${await startOf(process.pid)}@${boot.trim()}${pids}`
}

/** When a process began, in ticks since boot (proc(5), field 22); empty where there is no /proc. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
