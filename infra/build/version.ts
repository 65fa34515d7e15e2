/**
 * What a build is called: the version of package.json, then the commit's time in UTC and its hash. A later commit
 * has a higher one for dpkg (two of the same second are in no order), the same commit the same on every machine;
 * changes that are in no commit show.
 */
import { execFile } from 'node:child_process'
import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { UTCDateMini } from '@date-fns/utc/date/mini'
import { getUnixTime } from 'date-fns/getUnixTime'
import { lightFormat } from 'date-fns/lightFormat'
import { parseISO } from 'date-fns/parseISO'

export interface Commit {
  /** When it was committed, in seconds since 1970. */
  readonly seconds: number
  /** All 40 digits: git's own short form grows with the clone. */
  readonly hash: string
  /** Something in the tree is in no commit, files nobody added among them. */
  readonly isDirty: boolean
}

const BUILT = /\+git(\d{8})\.(\d{6})\.[0-9a-f]{7}(?:\.dirty)?$/

const run = promisify(execFile)

/** `1.0.0+git20301122.183000.abc1234`, with `.dirty` behind it where the tree has changes. */
export function formatVersion(base: string, { seconds, hash, isDirty }: Commit): string {
  const stamp = lightFormat(new UTCDateMini(seconds * 1000), 'yyyyMMdd.HHmmss')
  return `${base}+git${stamp}.${hash.slice(0, 7)}${isDirty ? '.dirty' : ''}`
}

/** The commit's time that such a version tells, in seconds since 1970; `undefined` for one without a commit. */
export function secondsOf(version: string): number | undefined {
  const [, date, time] = BUILT.exec(version) ?? []
  return date && time ? getUnixTime(parseISO(`${date}T${time}Z`)) : undefined
}

/**
 * The version of the tree at `root`. Where git can't tell, the bare version of package.json, which dpkg takes for
 * lower than any of a commit; `say` hears why.
 */
export async function treeVersion(root: string, say: (line: string) => void): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  try {
    return formatVersion(version, await readCommit(root))
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string }
    say(
      `The version is ${version}, without a commit: ${(stderr?.trim() || message).split('\n')[0]}`,
    )
    return version
  }
}

/** Throws with git's words, and where `root` only lies somewhere in another repository. */
async function readCommit(root: string): Promise<Commit> {
  const git = async (...words: string[]) => (await run('git', words, { cwd: root })).stdout.trim()
  const top = await git('rev-parse', '--show-toplevel')
  if ((await realpath(top)) !== (await realpath(root)))
    throw new Error(`${root} is in no repository of its own`)
  const [seconds, hash = ''] = (await git('log', '-1', '--format=%ct %H')).split(' ')
  const isDirty = (await git('status', '--porcelain')) !== ''
  return { seconds: Number(seconds), hash, isDirty }
}
