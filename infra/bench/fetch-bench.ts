/**
 * A day of 4,320 minute files in a bucket: `rollup`, which reads them all, against `rclone copy` of the same
 * prefix. Then again with a few files more: only these may be read.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { RAW_PREFIX } from '@presences/shared'
import type { BenchContext } from './bench-context.ts'
import { compare } from './compare.ts'
import { generateMinuteFiles, type MinuteFile } from './minute-files.ts'
import { runProgram } from './run-program.ts'
import { S3_KEY, type S3Process, withS3Process } from './s3-process.ts'

const TARGET = 1
const PAIRS = 5
const WARM_UPS = 1
const LATE_FILES = 5
const REGION = 'us-east-1'

/** Throws when a file is not read, or is read that need not be. */
export async function benchFetch(context: BenchContext): Promise<void> {
  const { day, files, late } = generateMinuteFiles(LATE_FILES)
  // A bucket for each run: `rollup` leaves rollups behind, and then has nothing to fetch.
  const buckets = Array.from({ length: WARM_UPS + PAIRS }, (_, run) => `run-${run}`)
  await withS3Process(buckets, context.signal, async (server) => {
    await server.write(buckets, files)
    const rollup = async (bucket: string, expected: readonly MinuteFile[]) => {
      await server.takeRead()
      const ms = await runRollup(bucket, day, server, context)
      checkRead(await server.takeRead(), expected)
      return ms
    }
    const comparison = await compare({
      baseline: (run) => runRclone(buckets[run] as string, files.length, server, context),
      ours: (run) => rollup(buckets[run] as string, files),
      pairs: PAIRS,
      warmUps: WARM_UPS,
    })
    const count = files.length.toLocaleString('en')
    const name = `rollup of ${count} minute files`
    context.print({ name, baseline: 'rclone copy', comparison, target: TARGET })

    const bucket = buckets.at(-1) as string
    await server.write([bucket], late)
    await rollup(bucket, late)
    await rollup(bucket, [])
    context.print({
      name: 'rollup, second run',
      fact: `${late.length} new files: ${late.length} fetched; then nothing new: 0 fetched`,
    })
  })
}

async function runRollup(
  bucket: string,
  day: string,
  { endpoint }: S3Process,
  { root, folder, signal }: BenchContext,
): Promise<number> {
  const bundle = join(root, 'aggregator/dist/presences-aggregator.js')
  const args = [bundle, 'rollup', '--from', day, '--to', day]
  const env = {
    STORE_URL: `s3://${bucket}`,
    S3_ENDPOINT: endpoint,
    S3_REGION: REGION,
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: S3_KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: S3_KEY.secretAccessKey,
  }
  return (await runProgram(process.execPath, args, { cwd: folder, signal, env })).ms
}

async function runRclone(
  bucket: string,
  files: number,
  { endpoint }: S3Process,
  { folder, signal }: BenchContext,
): Promise<number> {
  const target = join(folder, 'copy')
  await mkdir(target)
  const args = ['copy', `bench:${bucket}/${RAW_PREFIX}`, target]
  const env = {
    RCLONE_CONFIG: join(folder, 'no-rclone.conf'),
    RCLONE_CONFIG_BENCH_TYPE: 's3',
    RCLONE_CONFIG_BENCH_PROVIDER: 'Other',
    RCLONE_CONFIG_BENCH_ENDPOINT: endpoint,
    RCLONE_CONFIG_BENCH_REGION: REGION,
    RCLONE_CONFIG_BENCH_ACCESS_KEY_ID: S3_KEY.accessKeyId,
    RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY: S3_KEY.secretAccessKey,
  }
  const { ms } = await runProgram('rclone', [...args, '--transfers', '32', '--checkers', '32'], {
    cwd: folder,
    signal,
    env,
  })
  const entries = await readdir(target, { recursive: true, withFileTypes: true })
  const copied = entries.filter((entry) => entry.isFile()).length
  if (copied !== files) throw new Error(`rclone copied ${copied} files of ${files}`)
  await rm(target, { recursive: true })
  return ms
}

function checkRead(keys: readonly string[], expected: readonly MinuteFile[]): void {
  const read = keys.filter((key) => key.startsWith(RAW_PREFIX)).sort()
  const wanted = expected.map(({ key }) => key).sort()
  if (read.length === wanted.length && read.every((key, at) => key === wanted[at])) return
  throw new Error(`rollup read ${read.length} minute files where ${wanted.length} were new`)
}
