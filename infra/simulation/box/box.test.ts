/** The boxes alone: many worlds of them are lived through in the time that one night of the aggregator takes. */
import { describe, expect, test } from 'vitest'
import { randomOf } from '../../random.ts'
import { createBucket } from '../bucket/bucket.ts'
import { calmed, FAULT_KINDS, type FaultKind, type Faults } from '../faults/faults.ts'
import { dayAfter, instantAt } from '../runtime/civil-time.ts'
import { planDay } from '../world/habits.ts'
import { newDevice, type Person, type World } from '../world/world.ts'
import { boxesOf } from './boxes.ts'
import { createMinuteBook } from './minute-book.ts'

const SHIPPING = 22 * 60 + 10
const FIRST_DAY = '2030-10-22'

function emptyWorld(): World {
  return {
    locations: ['poulailler', 'fte-rdc'],
    people: [],
    strangers: [],
    corrections: new Map(),
    closings: new Map(),
    seen: new Map(),
    looked: new Map(),
    partial: new Map(),
    seenMinutes: new Map(),
    damaged: new Set(),
    mended: new Set(),
    forgotten: [],
    unkept: new Set(),
    garbled: new Set(),
    doubts: new Map(),
  }
}

const all = (share: number) =>
  Object.fromEntries(FAULT_KINDS.map((kind) => [kind, share])) as Record<FaultKind, number>

/** Two rooms for some days, the last three of them without faults. */
async function live(seed: number, days: number, faults: Faults) {
  const random = randomOf(seed)
  const world = emptyWorld()
  for (let each = 0; each < 4; each += 1) world.people.push(visitor(each, seed))
  const bucket = createBucket(() => 0)
  const notes: string[] = []
  const note = (line: string) => void notes.push(line)
  const boxes = boxesOf({ firstDay: FIRST_DAY, days }, { world, bucket, faults, random, note })
  for (let number = 0; number < days; number += 1) {
    const day = dayAfter(FIRST_DAY, number)
    if (number === 1) for (const box of boxes) box.setFaults(faults)
    if (number === days - 3) for (const box of boxes) box.setFaults(calmed(faults))
    const plan = planDay(world, random.fork(day))
    for (const box of boxes) await box.scan(plan, instantAt(day, SHIPPING))
    for (const box of boxes) await box.ship(instantAt(day, SHIPPING))
    if (number === days - 1) break
    for (const box of boxes) await box.scan(plan, instantAt(dayAfter(day), 0))
  }
  const failures = boxes.flatMap((box) => box.failures())
  return { failures, notes, world, bucket }
}

function visitor(number: number, seed: number): Person {
  return {
    id: `member${number}`,
    human: number,
    name: `First${number}`,
    emails: [],
    comes: 0.9,
    devices: [newDevice(randomOf(`${seed} visitor ${number}`))],
    trialDays: new Set(),
    joinedOn: FIRST_DAY,
    leftOn: undefined,
    unseen: new Set(),
    strangeSince: undefined,
  }
}

function minutesLooked({ looked }: World): number {
  const probes = [...looked.values()].flatMap((places) =>
    [...places.values()].flatMap((each) => [...each.values()]),
  )
  return probes.reduce((sum, minutes) => sum + minutes.size, 0)
}

describe('the boxes', () => {
  test('ship each minute that was recorded, as it was seen, whatever breaks', async () => {
    const notes: string[] = []
    for (const seed of [1, 2, 3, 4]) {
      const lived = await live(seed, 16, all(1))
      expect(lived.failures).toEqual([])
      notes.push(...lived.notes)
    }
    // It did break.
    for (const trouble of [
      'cut off',
      'disk failed',
      ' off from',
      'wakes at',
      's off',
      'by hand',
      'cut copy',
      'eth0, wlan0 out until',
      ' wlan0 out until',
      'packs ',
      'shipping of',
    ]) {
      expect(notes.filter((line) => line.includes(trouble)).length, trouble).toBeGreaterThan(0)
    }
  })

  test('ship each minute they recorded when nothing breaks, and record more of them', async () => {
    const calm = await live(1, 8, all(0))
    const { failures, notes, world, bucket } = calm
    expect({ failures, notes }).toEqual({ failures: [], notes: [] })
    expect(bucket.list('presences/')).toHaveLength(minutesLooked(world))
    const broken = await live(1, 8, all(1))
    expect(minutesLooked(broken.world)).toBeLessThan(minutesLooked(world))
  })

  test('of before send a day again and again, in every shape of a line; some days have both kinds', async () => {
    const { bucket, world } = await live(4, 30, { ...all(0), 'old-files': 1 })
    const keys = bucket.list('presences/').map(({ key }) => key)
    const dayFiles = keys.filter((key) => !key.endsWith('.tsv'))
    const both = dayFiles.filter((key) => keys.some((other) => other.startsWith(`${key}/`)))
    expect(both.length).toBeGreaterThan(0)
    const text = dayFiles
      .map((key) => Buffer.from(bucket.get(key)?.bytes ?? []).toString())
      .join('')
    for (const shape of [/\d\+01:00\t/, /\d\+0100 /, /\d\+01\t/, /[ \t][0-9a-f:]{17}\n/]) {
      expect(text).toMatch(shape)
    }
    const [, place = '', day = ''] = dayFiles[0]?.split('/') ?? []
    expect([...(world.seen.get(day)?.values() ?? [])].some((places) => places.has(place))).toBe(
      true,
    )
  })
})

describe('the book of a box', () => {
  const shown = Date.parse('2026-11-22T07:12:04Z')
  const path = 'poulailler/2026-11-22/20261122T0712Z-box.tsv'
  const file = (mac: string) =>
    Buffer.from(`# devices=1 version=1\n2026-11-22T08:12:04+01:00\t${mac}\n`)
  const MAC = 'AA:BB:CC:DD:EE:FF'
  const OTHER = 'AA:BB:CC:DD:EE:00'

  function opened() {
    const world = emptyWorld()
    return { world, book: createMinuteBook({ world, location: 'poulailler', probe: 'box' }) }
  }

  test('takes what was cut off and still stands on the disk for seen', () => {
    const { book, world } = opened()
    book.begin(shown, { macs: [MAC], isPartial: false })
    book.begin(shown, { macs: [OTHER], isPartial: false })
    book.found(path, file(OTHER))
    book.found(path, file(OTHER))
    expect(book.failures()).toEqual([])
    expect([...(world.seen.get('2026-11-22')?.keys() ?? [])]).toEqual([OTHER])
    expect(minutesLooked(world)).toBe(1)
  })

  test('takes what was cut off and is gone for a hole', () => {
    const { book, world } = opened()
    book.begin(shown, { macs: [MAC], isPartial: false })
    expect(book.failures()).toEqual([])
    expect(minutesLooked(world)).toBe(0)
  })

  test.each([
    ['was written, and is lost', []],
    ['is not what was seen', [file(MAC).subarray(0, 40)]],
    ['is not what was seen', [Buffer.from('# devices=1 version=1\n')]],
    ['is not what was seen', [file(OTHER)]],
    ['has changed', [file(MAC), file(OTHER)]],
  ])('tells that a minute %s', (what, contents) => {
    const { book } = opened()
    book.written(book.begin(shown, { macs: [MAC], isPartial: false }))
    for (const bytes of contents) book.found(path, bytes)
    expect(book.failures()[0]?.what).toContain(`${path} ${what}`)
  })

  test.each([
    [true, ' partial=eth0', true],
    [false, '', true],
    [true, '', false],
    [false, ' partial=eth0', false],
  ])(
    'of a scan of a part (%j) takes the header "devices=1%s": %j',
    (isPartial, header, isRight) => {
      const { book, world } = opened()
      book.written(book.begin(shown, { macs: [MAC], isPartial }))
      book.found(
        path,
        Buffer.from(file(MAC).toString().replace(' version=1', `${header} version=1`)),
      )
      expect(book.failures()).toHaveLength(isRight ? 0 : 1)
      expect(world.partial.has('2026-11-22')).toBe(isPartial)
    },
  )

  test('tells that a minute was written twice, or by nobody', () => {
    const { book } = opened()
    book.written(book.begin(shown, { macs: [MAC], isPartial: false }))
    book.written(book.begin(shown, { macs: [MAC], isPartial: false }))
    book.found(path.replace('0712', '0713'), file(MAC))
    expect(book.failures().map(({ what }) => what)).toEqual([
      `${path} was written a second time`,
      expect.stringContaining('0713Z-box.tsv is not what was seen'),
      `${path} was written, and is lost`,
    ])
  })
})
