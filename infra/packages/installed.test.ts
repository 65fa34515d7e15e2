/** What the packages say when they are installed: their scripts, on settings of the test's own. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const INFRA = join(import.meta.dirname, '..')
const example = (path: string) => readFileSync(join(INFRA, path), 'utf8')
const RCLONE = example('box/rclone.conf.example')
const PROBE = example('box/probe.env.example')
const AGGREGATOR = example('cloud/aggregator.env.example')
const filled = (text: string) =>
  text.replaceAll('CHANGE-ME', 'done').replaceAll(/^(PROBE_[A-Z]+)=$/gm, '$1=done')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'installed-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Configures a package where these settings are; gives what it said. */
function postinst(
  part: 'probe' | 'aggregator',
  settings: Readonly<Record<string, string>>,
  action = 'configure',
): string {
  for (const [name, text] of Object.entries(settings)) writeFileSync(join(folder, name), text)
  const path = join(import.meta.dirname, `debian/presences-${part}.postinst`)
  const script = readFileSync(path, 'utf8').replaceAll('/etc/presences', folder)
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script, 'postinst', action], {
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}

test.each([
  ['as they come', { 'probe.env': PROBE, 'rclone.conf': RCLONE }, true],
  ['without a room', { 'probe.env': PROBE, 'rclone.conf': filled(RCLONE) }, true],
  ['without a key', { 'probe.env': filled(PROBE), 'rclone.conf': RCLONE }, true],
  ['filled in', { 'probe.env': filled(PROBE), 'rclone.conf': filled(RCLONE) }, false],
  ['not there', {}, false],
])("a box's settings %s: what to do is said: %3$s", (_, settings, isSaid) => {
  const said = postinst('probe', settings)
  expect(said.includes(`sudo nano ${folder}/rclone.conf`)).toBe(isSaid)
  expect(said !== '').toBe(isSaid)
})

test.each([
  ['as they come', { 'aggregator.env': AGGREGATOR }, true],
  ['filled in', { 'aggregator.env': filled(AGGREGATOR) }, false],
  ['not there', {}, false],
])("a server's settings %s: what to do is said: %3$s", (_, settings, isSaid) => {
  const said = postinst('aggregator', settings)
  expect(said.includes(`sudo nano ${folder}/aggregator.env`)).toBe(isSaid)
  expect(said !== '').toBe(isSaid)
})

test.each(['abort-upgrade', 'abort-remove'])('%s says nothing', (action) => {
  expect(postinst('probe', { 'probe.env': PROBE, 'rclone.conf': RCLONE }, action)).toBe('')
  expect(postinst('aggregator', { 'aggregator.env': AGGREGATOR }, action)).toBe('')
})
