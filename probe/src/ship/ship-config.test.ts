import type { ConfigError } from '@presences/shared'
import { expect, test } from 'vitest'
import { DEFAULT_RCLONE_CONFIG, parseBucketConfig, parseSpoolConfig } from './ship-config.ts'

const REMOTE = { PROBE_REMOTE: 'bucket:minutes' }
const readText = (path: string) => (path === '/none' ? undefined : '')

test('a spool has its defaults, its size in bytes', () => {
  expect(parseSpoolConfig({})).toEqual({
    folder: '/var/spool/presences',
    maxBytes: 512_000_000,
    timeZone: 'Europe/Paris',
  })
  expect(parseSpoolConfig({ PROBE_SPOOL_MAX_MB: '1' }).maxBytes).toBe(1_000_000)
})

test('only the bucket has no default', () => {
  expect(parseBucketConfig(REMOTE, readText)).toEqual({
    remote: 'bucket:minutes',
    configPath: DEFAULT_RCLONE_CONFIG,
    bandwidth: undefined,
  })
})

test.each(['1K', '512M', '10G'])('a bandwidth of %s', (text) => {
  const { bandwidth } = parseBucketConfig({ ...REMOTE, PROBE_BANDWIDTH: text }, readText)
  expect(bandwidth).toBe(text)
})

test.each([
  [{ PROBE_BANDWIDTH: '512' }, 'PROBE_BANDWIDTH: must be bytes a second'],
  [{ PROBE_BANDWIDTH: '512KB' }, 'PROBE_BANDWIDTH: must be bytes a second'],
  [{ PROBE_BANDWIDTH: '-1K' }, 'PROBE_BANDWIDTH: must be bytes a second'],
  [{ PROBE_REMOTE: 'bucket:' }, 'PROBE_REMOTE: is no remote and bucket'],
  [{ PROBE_REMOTE: 'minutes' }, 'PROBE_REMOTE: is no remote and bucket'],
  [{ RCLONE_CONFIG: '/none' }, 'RCLONE_CONFIG: there is no file /none'],
])('%j is refused', (env, fault) => {
  expect(() => parseBucketConfig({ ...REMOTE, ...env }, readText)).toThrow(fault)
})

test('a configuration of rclone that can not be read is a fault with its cause', () => {
  const denied = () => {
    throw new Error('EACCES: permission denied')
  }
  const fault = `RCLONE_CONFIG: can't read ${DEFAULT_RCLONE_CONFIG}: EACCES: permission denied`
  expect(() => parseBucketConfig(REMOTE, denied)).toThrow(
    expect.objectContaining<Partial<ConfigError>>({ faults: [fault] }),
  )
})
