/** What the webhook is told of one night after another: once when a cause appears, once when it is over, not before. */
import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { night as nightOn } from '../../testing/nights.ts'
import { seen } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'
import type { Alert } from '../alerts/alerts.ts'
import { run as runCommand } from '../cli.ts'
import type { Effects } from '../effects.ts'
import { StoreError } from '../store/store.ts'

const ANA = 'ana@example.org'
const PHONE = 'AA:00:00:00:00:01'
const LAPTOP = 'AA:00:00:00:00:02'
const TABLET = 'AA:00:00:00:00:03'
const MONDAY = '2026-11-16'
const TUESDAY = '2026-11-17'
const WEDNESDAY = '2026-11-18'
const HOOK = 'http://hook.example/x'

let space: Space & { close: () => Promise<void> }
let told: Alert[]
beforeEach(async () => {
  told = []
  space = await createSpace({
    members: [{ email: ANA, firstName: 'Ana', macs: [PHONE, LAPTOP, TABLET] }],
  })
  space.env.ALERT_WEBHOOK_URL = HOOK
  for (const day of [MONDAY, TUESDAY, WEDNESDAY])
    await space.write(`presences/a/${day}`, seen(PHONE, day, 9, 31))
})
afterEach(() => space.close())

const night = (day: string) => nightOn(space, day)
const failing = (path: string, status: number) =>
  space.tickets.setFaults((asked) => (asked.path.includes(path) ? { status } : undefined))
const mend = () => space.tickets.setFaults(undefined)

/** What a run tells, one message a line: its level and how it begins. */
async function tellsOf(...args: string[]): Promise<string[]> {
  return tellsWith({}, ...args)
}

/** The same, with other effects. */
async function tellsWith(others: Partial<Effects>, ...args: string[]): Promise<string[]> {
  const before = told.length
  const effects = { ...space.effects({ out: [], errors: [] }), ...others }
  await runCommand(args, {
    ...effects,
    fetch: async (input, init) => {
      if (String(input) !== HOOK) return fetch(input, init)
      told.push(JSON.parse(String(init?.body)))
      return new Response('OK')
    },
  })
  return told.slice(before).map(({ level, message }) => `${level} ${message}`)
}

test('a failed post is over once a person closed the day', async () => {
  night(MONDAY)
  failing('presence', 404)
  expect(await tellsOf('upload')).toEqual([expect.stringMatching(/^error .*NOT POSTED/)])
  await runCommand(['close', MONDAY, ANA, '--because', 'x'], space.effects({ out: [], errors: [] }))
  mend()
  night(TUESDAY)
  expect(await tellsOf('upload')).toEqual([expect.stringMatching(/^ok .*NOT POSTED/)])
})

test('a hold is not over because people’s corrections can not be asked for', async () => {
  night(MONDAY)
  expect(await tellsOf('upload')).toEqual([])
  space.env.FULL_DAY_SLOTS = '60'
  expect(await tellsOf('upload')).toEqual([
    expect.stringMatching(/^warning 2026-11-16 .* hold: .* the rule changed/),
  ])
  failing('audit', 403)
  const ask = expect.stringMatching(
    /^warning \d amounts are held until the ticket server can be asked/,
  )
  expect(await tellsOf('upload')).toEqual([ask])
  mend()
  expect(await tellsOf('upload')).toEqual([expect.stringMatching(/^ok \d amounts are held until/)])
})

test('a night that could do nothing ends no cause of before, and is over with the next one', async () => {
  night(MONDAY)
  failing('/api/presence', 404)
  expect(await tellsOf('upload')).toEqual([
    expect.stringContaining(`error ${MONDAY} ${ANA} - → 1.0 NOT`),
  ])
  failing('/api/mac', 401)
  expect(await tellsOf('upload')).toEqual([
    expect.stringMatching(/^error The nightly run stopped: .*401/),
  ])
  expect(await tellsOf('upload')).toEqual([])
  mend()
  expect(await tellsOf('upload')).toEqual([
    expect.stringMatching(
      /^ok .*NOT POSTED[\s\S]*\nThe nightly run stopped|^ok The nightly run stopped[\s\S]*NOT POSTED/,
    ),
  ])
  expect(await tellsOf('upload')).toEqual([])
})

test('a map that is refused is another cause than a server that does not answer', async () => {
  night(MONDAY)
  await tellsOf('upload')
  for (const mac of [PHONE, LAPTOP]) space.tickets.state.removeDevice(ANA, mac)
  night(TUESDAY)
  expect(await tellsOf('upload')).toEqual([expect.stringContaining('--accept-map')])
  failing('/api/mac', 401)
  expect(await tellsOf('upload')).toEqual([expect.stringContaining('401')])
  mend()
  expect(await tellsOf('upload')).toEqual([])
})

test('a day that can not be read is over when it was read, not when it was not looked at', async () => {
  space.env.CATCH_UP_DAYS = '0'
  night(MONDAY)
  await tellsOf('upload')
  await space.write(`rollups/a/${TUESDAY}.json.gz`, 'damaged')
  night(TUESDAY)
  expect(await tellsOf('upload')).toEqual([
    expect.stringContaining(`error Nobody was charged for ${TUESDAY}`),
  ])
  // Nobody remembers that the day is open: it is not looked at.
  await space.write('jobs/nightly.json', `{"version":1,"lastRun":"${WEDNESDAY}","openDays":[]}`)
  night(WEDNESDAY)
  expect(await tellsOf('upload')).toEqual([])
  await rm(`${space.folder}/store/rollups/a/${TUESDAY}.json.gz`)
  await space.write(
    'jobs/nightly.json',
    `{"version":1,"lastRun":"${WEDNESDAY}","openDays":["${TUESDAY}"]}`,
  )
  expect(await tellsOf('upload')).toEqual([
    expect.stringContaining(`ok Nobody was charged for ${TUESDAY}`),
  ])
})

test('what a day has open is not over because the day can not be read any more', async () => {
  night(MONDAY)
  failing('/api/presence', 404)
  expect(await tellsOf('upload')).toEqual([expect.stringMatching(/^error .*NOT POSTED/)])
  mend()
  await space.write(`rollups/a/${MONDAY}.json.gz`, 'damaged')
  night(TUESDAY)
  expect(await tellsOf('upload')).toEqual([
    expect.stringContaining(`error Nobody was charged for ${MONDAY}`),
  ])
  await rm(`${space.folder}/store/rollups/a/${MONDAY}.json.gz`)
  expect(await tellsOf('upload')).toEqual([
    expect.stringMatching(/^ok .*NOT POSTED.*\nNobody was charged for/),
  ])
  expect(await tellsOf('upload')).toEqual([])
})

test('a memory that can not be written is told of, and over when it can', async () => {
  night(MONDAY)
  const forgetful: Effects['openStore'] = async (url, settings) => {
    const opened = await space.effects({ out: [], errors: [] }).openStore(url, settings)
    return {
      ...opened,
      put: async (key, ...rest) => {
        if (key === 'jobs/nightly.json') throw new StoreError(`Can't write ${key}: disk full.`)
        return opened.put(key, ...rest)
      },
    }
  }
  expect(await tellsWith({ openStore: forgetful }, 'upload')).toEqual([
    expect.stringMatching(/^error Can't write jobs\/nightly\.json/),
  ])
  expect(await tellsOf('upload')).toEqual([expect.stringMatching(/^ok Can't write jobs\/nightly/)])
})

test.each([
  ['someone has no e-mail', 'EE:00:00:00:00:01', /^warning .*Eve has no e-mail/],
  ['nobody could look', '', /^error No location has any file for 2026-11-20/],
])('%s: told once, and once when it is over', async (_, mac, text) => {
  space.tickets.state.addMember({ email: '', firstName: 'Eve', macs: ['EE:00:00:00:00:01'] })
  if (mac) await space.write('presences/a/2026-11-20', seen(mac, '2026-11-20', 9, 30))
  night('2026-11-20')
  expect(await tellsOf('upload')).toEqual([expect.stringMatching(text)])
  expect(await tellsOf('upload')).toEqual([])
  await space.write('presences/a/2026-11-21', seen(PHONE, '2026-11-21', 9, 1))
  space.tickets.state.removeDevice('', 'EE:00:00:00:00:01')
  space.env.CATCH_UP_DAYS = '0'
  night('2026-11-21')
  expect(await tellsOf('upload')).toEqual([expect.stringMatching(/^ok /)])
})

test('one whose post failed is over when the day was looked at again, and posted', async () => {
  night(MONDAY)
  failing('/api/presence', 404)
  await tellsOf('upload')
  mend()
  expect(await tellsOf('upload', TUESDAY)).toEqual([])
  night(TUESDAY)
  expect(await tellsOf('upload')).toEqual([expect.stringMatching(/^ok .*NOT POSTED/)])
})
