/** `probes` and `/metrics` on a store, and the alerts over them. */
import { readFileSync } from 'node:fs'
import { LIMITS, localDayOf, parseLocalDay } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { look } from '../../testing/raw-files.ts'
import { createSpace, type Space } from '../../testing/space.ts'
import type { Alert } from '../alerts/alerts.ts'
import { type Measured, metricsText } from '../http/metrics.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { probeCauses } from './probe-causes.ts'

let space: Space & { close: () => Promise<void> }
let alerts: Alert[]
beforeEach(async () => {
  space = await createSpace()
  alerts = []
  space.clock.now = new Date('2026-11-20T10:02:30+01:00')
})
afterEach(() => space.close())

/** The minute files of one probe from one local time to another, the last one included. */
async function write(
  location: string,
  from: string,
  to: string,
  meta: Record<string, string> = {},
  { probe = 'box', on = '2026-11-20' } = {},
) {
  const last = new Date(`${on}T${to}:00+01:00`)
  let instant = new Date(`${on}T${from}:00+01:00`)
  while (instant <= last) {
    await space.write(...look(location, instant, { probe, meta }))
    instant = new Date(instant.getTime() + 60_000)
  }
}

/** `probes --alert` with a webhook that remembers. */
async function watch(clock: string, day = '2026-11-20', webhook?: string) {
  space.clock.now = new Date(`${day}T${clock}:30+01:00`)
  const sink = { out: [] as string[], errors: [] as string[] }
  const effects = space.effects(sink)
  const fetchAlert: typeof fetch = async (_, init) => {
    alerts.push(JSON.parse(String(init?.body)))
    return new Response('OK')
  }
  const { run } = await import('../cli.ts')
  const env = { ...space.env, ALERT_WEBHOOK_URL: webhook ?? 'http://hook.example/x' }
  const code = await run(['probes', '--alert'], { ...effects, env, fetch: fetchAlert })
  return { code, ...sink }
}

describe('probes', () => {
  test('tells each location, its probe, today and a month', async () => {
    await write('poulailler', '08:00', '10:01', { version: '1.2.3', free_mb: '4321' })
    await write('grenier', '08:00', '09:00')
    const { code, out } = await space.run('probes')
    expect(out).toEqual([
      'grenier: SILENT, last minute 2026-11-20 09:00 (62 min ago); today 61 of 123 min (49 %), 30 days not open yet',
      '  box: last minute 2026-11-20 09:00',
      'poulailler: looking, last minute 2026-11-20 10:01 (1 min ago); today 122 of 123 min (99 %), 30 days not open yet',
      '  box: last minute 2026-11-20 10:01, version 1.2.3, 4321 MB free',
    ])
    expect(code).toBe(1)
  })

  test('shows on one line what a probe may write into its file, and no room that is no number', async () => {
    await write('poulailler', '08:00', '10:01', { version: '1\n2 aa:bb:cc:dd:ee:ff', free_mb: '' })
    const { out } = await space.run('probes')
    expect(out.at(-1)).toBe('  box: last minute 2026-11-20 10:01, version 1 2 AA:BB:…:FF')
  })

  test('counts a month from the first day with a probe, by the rollups', async () => {
    await write('poulailler', '08:00', '14:59')
    await space.run('rollup')
    space.clock.now = new Date('2026-11-22T08:00:30+01:00')
    const [location] = JSON.parse((await space.run('probes', '--json')).out.join(''))
    // Two days of 840 minutes: one half looked at, one not at all.
    expect(location.month).toEqual({ looked: 420, open: 1680, percent: 25 })
    expect(location).toMatchObject({ state: 'closed', lastMinute: '2026-11-20T13:59:00.000Z' })
  })

  test.each([
    ['2026-11-19', 60],
    ['2026-10-21', 60],
    ['2026-10-20', 0],
  ])('a month is 30 days that are over: of %s, minutes count: %i', async (on, looked) => {
    await write('poulailler', '09:00', '09:59', {}, { on })
    await space.run('rollup', '--from', on, '--to', on)
    const [location] = JSON.parse((await space.run('probes', '--json')).out.join(''))
    expect(location.month.looked).toBe(looked)
  })

  test('a file whose minute is not of its day, or is to come, tells of no probe', async () => {
    for (const minute of ['20261118T0900Z', '20261119T2259Z', '20261120T0903Z', '20261121T0900Z'])
      await space.write(`presences/poulailler/2026-11-20/${minute}-box.tsv`, '# devices=0\n')
    const state = async () => JSON.parse((await space.run('probes', '--json')).out.join(''))[0]
    expect(await state()).toMatchObject({ state: 'retired', lastMinute: null, probes: [] })
    for (const minute of ['20261119T2300Z', '20261120T0902Z'])
      await space.write(`presences/poulailler/2026-11-20/${minute}-box.tsv`, '# devices=0\n')
    expect(await state()).toMatchObject({
      state: 'looking',
      lastMinute: '2026-11-20T09:02:00.000Z',
    })
  })

  test('of more probes than a room has those that were heard last are shown, and how many more', async () => {
    const day = 'presences/poulailler/2026-11-20'
    for (let at = 0; at < LIMITS.roomDayProbes + 5; at += 1)
      await space.write(`${day}/20261120T0800Z-a${at}.tsv`, '# devices=0 version=9\n')
    await space.write(`${day}/20261120T0802Z-box.tsv`, '\n'.repeat(LIMITS.minuteFileBytes + 1))
    await space.write(`${day}/20261120T0801Z-spare.tsv`, '# devices=0 version=8\n')
    const { out } = await space.run('probes')
    expect(out).toHaveLength(1 + LIMITS.roomDayProbes + 1)
    expect(out[1]).toBe('  box: last minute 2026-11-20 09:02')
    expect(out[2]).toBe('  spare: last minute 2026-11-20 09:01, version 8')
    expect(out.at(-1)).toMatch(/^ {2}and 7 more, which no room has/)
  })

  test('leaves a day with a damaged rollup out, and says so', async () => {
    await write('poulailler', '08:00', '14:59')
    await space.run('rollup')
    await space.write('rollups/poulailler/2026-11-21.json.gz', 'damaged')
    space.clock.now = new Date('2026-11-22T08:00:30+01:00')
    const { out, errors } = await space.run('probes', '--json')
    expect(JSON.parse(out.join(''))[0].month).toEqual({ looked: 420, open: 840, percent: 50 })
    expect(errors).toContain('2026-11-21')
  })

  test('takes an old day file for a probe, by when it was written last', async () => {
    await space.write('presences/poulailler/2026-11-20', '')
    space.clock.now = new Date()
    const day = parseLocalDay(localDayOf(space.clock.now, 'Europe/Paris'))
    await space.write(`presences/poulailler/${day}`, '')
    const [location] = JSON.parse((await space.run('probes', '--json')).out.join(''))
    expect(location).toMatchObject({ state: 'looking', probes: [{}] })
    expect(location.probes[0]).not.toHaveProperty('probe')
  })

  test('alerts once of a silent probe, not in the evening, and once when it is back', async () => {
    await write('poulailler', '08:00', '10:00')
    expect((await watch('10:15')).code).toBe(0)
    expect(alerts).toEqual([])
    const silent = await watch('10:16')
    expect(silent.code).toBe(0)
    expect(silent.errors.join('')).toContain(
      'poulailler has sent nothing since 2026-11-20 10:00 (16 minutes)',
    )
    await watch('10:17')
    await watch('22:05')
    expect(alerts).toMatchObject([
      { level: 'error', message: expect.stringContaining('Sonde muette') },
    ])
    await write('poulailler', '22:06', '22:06')
    await watch('22:07')
    await watch('22:08')
    expect(alerts.map(({ level }) => level)).toEqual(['error', 'ok'])
  })

  test.each([
    ['with a webhook', undefined],
    ['without one', ''],
  ])(
    'logs a silent probe once, once a day while it is silent, and when it is back: %s',
    async (_, hook) => {
      await write('poulailler', '08:00', '10:00')
      const lines = async (clock: string, day?: string) =>
        (await watch(clock, day, hook)).errors.join('').split('\n').filter(Boolean)
      expect(await lines('10:16')).toEqual([
        expect.stringContaining('WARN: Silent probe: poulailler'),
      ])
      for (const clock of ['10:21', '12:00', '21:55', '22:05'])
        expect(await lines(clock)).toEqual([])
      expect(await lines('10:15', '2026-11-21')).toEqual([])
      expect(await lines('10:16', '2026-11-21')).toEqual([
        expect.stringContaining('(1456 minutes)'),
      ])
      expect(await lines('10:21', '2026-11-21')).toEqual([])
      await write('poulailler', '22:00', '22:00')
      expect(await lines('22:01')).toEqual([
        expect.stringContaining('INFO: Over / Terminé: Silent probe: poulailler'),
      ])
      expect(await lines('22:06')).toEqual([])
    },
  )

  test('a folder that no room is called is no silent one', async () => {
    await write('poulailler', '08:00', '10:30')
    await write('grande salle', '08:00', '10:00', { free_mb: '299' })
    await watch('10:30')
    expect(alerts).toEqual([])
  })

  describe('of two boxes in a room', () => {
    const second = { probe: 'second' }
    /** The days with rollups, as the nightly run leaves them. */
    const night = async (day: string) => {
      space.clock.now = new Date(`${day}T22:15:00+01:00`)
      await space.run('rollup')
    }

    test('shows the one that died, and tells of it once, and once when it is back', async () => {
      await write('poulailler', '08:00', '12:00')
      await write('poulailler', '08:00', '10:00', {}, second)
      await watch('10:15')
      expect(alerts).toEqual([])
      const { errors } = await watch('10:16')
      expect(errors.join('')).toContain('poulailler/second has sent nothing since 2026-11-20 10:00')
      for (const clock of ['10:21', '12:00']) await watch(clock)
      expect(alerts).toMatchObject([
        { level: 'warning', message: expect.stringContaining('Boîtier muet') },
      ])
      space.clock.now = new Date('2026-11-20T12:00:30+01:00')
      const { code, out } = await space.run('probes')
      expect(out.map((line) => line.split(';')[0])).toEqual([
        'poulailler: looking, last minute 2026-11-20 12:00 (0 min ago)',
        '  box: last minute 2026-11-20 12:00',
        '  second: SILENT, last minute 2026-11-20 10:00',
      ])
      expect(code).toBe(1)
      const [location] = JSON.parse((await space.run('probes', '--json')).out.join(''))
      expect(location.probes).toMatchObject([{ state: 'looking' }, { state: 'silent' }])

      await write('poulailler', '12:01', '12:02')
      await write('poulailler', '12:02', '12:02', {}, second)
      await watch('12:03')
      expect(alerts.map(({ level }) => level)).toEqual(['warning', 'ok'])
    })

    test('the one that is dead is missed for seven days more, then forgotten without a word', async () => {
      await write('poulailler', '10:00', '10:00', {}, second)
      await write('poulailler', '10:00', '10:00')
      await night('2026-11-20')
      const told: Record<string, number> = {}
      for (const day of ['2026-11-21', '2026-11-27', '2026-11-28']) {
        await write('poulailler', '09:00', '09:00', {}, { on: day })
        await watch('09:01', day)
        told[day] = alerts.length
        const { code, out } = await space.run('probes')
        const isMissed = day !== '2026-11-28'
        expect(out.filter((line) => line.includes('second'))).toEqual(
          isMissed ? ['  second: SILENT, last minute 2026-11-20 10:00'] : [],
        )
        expect(code).toBe(isMissed ? 1 : 0)
      }
      expect(told).toEqual({ '2026-11-21': 1, '2026-11-27': 1, '2026-11-28': 1 })
    })

    test('both silent are one silent location; the one that stays dead is told of when the other is back', async () => {
      await write('poulailler', '08:00', '10:00')
      await write('poulailler', '08:00', '10:00', {}, second)
      await watch('10:30')
      expect(alerts.map(({ message }) => message.split(':')[0])).toEqual(['Silent probe'])
      await write('poulailler', '10:31', '10:31')
      await watch('10:32')
      expect(alerts.slice(1).map(({ message }) => message.split(':')[0])).toEqual([
        'Silent box',
        'Silent probe',
      ])
      // All is dark again, then the second one alone is back.
      await watch('11:00')
      await write('poulailler', '11:01', '11:01', {}, second)
      await watch('11:02')
      expect(alerts.slice(3).map(({ level }) => level)).toEqual(['error', 'warning', 'ok'])
    })

    test('one that is switched off at night is not told of until the room has been open for a while', async () => {
      await write('poulailler', '20:00', '21:00', {}, second)
      await write('poulailler', '20:00', '22:30')
      await watch('22:31')
      await night('2026-11-20')
      await write('poulailler', '08:00', '08:20', {}, { on: '2026-11-21' })
      await watch('08:15', '2026-11-21')
      expect(alerts).toEqual([])
      await watch('08:16', '2026-11-21')
      expect(alerts.map(({ message }) => message.split(' has')[0])).toEqual([
        'Silent box: poulailler/second',
      ])
    })

    test('a damaged rollup hides what it knew, and is no new line every five minutes', async () => {
      await write('poulailler', '10:00', '10:00', {}, second)
      await night('2026-11-20')
      await space.write('rollups/poulailler/2026-11-20.json.gz', 'damaged')
      await write('poulailler', '09:00', '09:00', {}, { on: '2026-11-21' })
      expect(await watch('09:01', '2026-11-21')).toMatchObject({ code: 0, errors: [] })
    })
  })

  test('alerts of a silent probe whose clock had been ahead', async () => {
    await write('poulailler', '09:00', '10:00')
    await write('poulailler', '19:00', '19:00')
    await watch('10:16')
    expect(alerts).toMatchObject([{ message: expect.stringContaining('2026-11-20 10:00') }])
  })

  test('a box that was taken away has no disk to alert of', async () => {
    await write('poulailler', '10:00', '10:00', { free_mb: '299' })
    space.clock.now = new Date('2026-12-21T10:02:30+01:00')
    const [location] = JSON.parse((await space.run('probes', '--json')).out.join(''))
    expect(location).toMatchObject({ state: 'retired', probes: [{ freeMb: 299 }] })
    expect(probeCauses([{ ...location, lastMinute: 1 }], 'Europe/Paris')).toEqual([])
  })

  test('alerts of a disk that fills up', async () => {
    await write('poulailler', '10:00', '10:00', { free_mb: '299' })
    await watch('10:01')
    expect(alerts).toMatchObject([
      { level: 'warning', message: expect.stringContaining('299 MB are free') },
    ])
    await write('poulailler', '10:02', '10:02', { free_mb: '300' })
    await watch('10:03')
    expect(alerts.map(({ level }) => level)).toEqual(['warning', 'ok'])
  })

  test('what was logged is written down when it changes, not every five minutes', async () => {
    await write('poulailler', '08:00', '10:00')
    const book = async () =>
      (await createFolderStore(`${space.folder}/store`).get('jobs/probe-log.json'))?.etag
    await watch('10:16')
    const first = await book()
    expect(first).toBeDefined()
    await watch('10:21')
    expect(await book()).toBe(first)
    await watch('10:16', '2026-11-21')
    expect(await book()).not.toBe(first)
  })

  test("its book is not the nightly run's", async () => {
    await write('poulailler', '08:00', '08:00')
    await watch('10:00')
    await watch('10:05')
    const { openStore } = await import('../store/open-store.ts')
    const store = await openStore(space.env.STORE_URL ?? '', {} as never)
    expect(await store.get('jobs/alerts.json')).toBeUndefined()
    expect(await store.get('jobs/probe-alerts.json')).toBeDefined()
  })
})

const measured: Measured = {
  version: '1.2.3',
  today: '2026-11-20' as Measured['today'],
  strangers: { waiting: ['atelier', 'cave'], ignored: ['X'] },
  nightly: {
    lastRun: '2026-11-18' as Measured['today'],
    openDays: ['2026-11-17' as Measured['today']],
  },
  locations: [
    {
      location: 'poulailler',
      state: 'silent',
      lastMinute: 1,
      ageMinutes: 16,
      today: { looked: 1, open: 2 },
      month: { looked: 3, open: 4 },
      probes: [{ probe: 'box', lastMinute: 1, version: '1.0.0', freeMb: 299, state: 'silent' }],
    },
  ],
}

describe('metrics', () => {
  test('are what was measured', async () => {
    const lines = (await metricsText(measured)).split('\n').filter((line) => !line.startsWith('#'))
    expect(lines.filter(Boolean)).toEqual([
      'presences_info{version="1.2.3"} 1',
      'presences_last_minute_age_seconds{location="poulailler"} 960',
      'presences_probe_state{location="poulailler",state="looking"} 0',
      'presences_probe_state{location="poulailler",state="silent"} 1',
      'presences_probe_state{location="poulailler",state="closed"} 0',
      'presences_probe_state{location="poulailler",state="retired"} 0',
      'presences_looked_minutes{location="poulailler",period="today"} 1',
      'presences_looked_minutes{location="poulailler",period="30d"} 3',
      'presences_open_minutes{location="poulailler",period="today"} 2',
      'presences_open_minutes{location="poulailler",period="30d"} 4',
      'presences_probe_free_bytes{location="poulailler",probe="box"} 299000000',
      'presences_probe_missed{location="poulailler",probe="box"} 0',
      'presences_probe_info{location="poulailler",probe="box",version="1.0.0"} 1',
      'presences_rooms_waiting 2',
      'presences_folders_ignored 1',
      'presences_nightly_age_days 2',
      'presences_nightly_open_days 1',
    ])
  })

  test('tell of a box that is missed beside another one', async () => {
    const [location] = measured.locations
    const other = { probe: 'other', lastMinute: 16, state: 'looking' as const }
    const locations = location
      ? [{ ...location, state: 'looking' as const, probes: [...location.probes, other] }]
      : []
    const page = await metricsText({ ...measured, locations })
    expect(page).toContain('presences_probe_missed{location="poulailler",probe="box"} 1\n')
    expect(page).toContain('presences_probe_missed{location="poulailler",probe="other"} 0\n')
  })

  test('tell no free space of a box that was taken away', async () => {
    const locations = measured.locations.map((each) => ({ ...each, state: 'retired' as const }))
    expect(await metricsText({ ...measured, locations })).not.toContain('free_bytes{')
  })

  test('hold every name and label value that the alerts ask for', async () => {
    const rules = readFileSync(
      new URL('../../../infra/cloud/presences.rules.yml', import.meta.url),
      'utf8',
    )
    const expressions = [...rules.matchAll(/expr: (.*)/g)].map(([, text]) => text ?? '')
    expect(expressions).toHaveLength([...rules.matchAll(/- alert:/g)].length)
    const page = await metricsText(measured)
    const series = expressions.flatMap((text) => text.match(/presences_\w+(?:\{[^}]*\})?/g) ?? [])
    expect(series).toHaveLength(8 - 1)
    for (const each of series) {
      const [name = '', label = ''] = each.split(/[{}]/)
      expect(page.split('\n').some((line) => line.startsWith(name) && line.includes(label))).toBe(
        true,
      )
    }
  })
})
