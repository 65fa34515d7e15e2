/** The commands as a whole: what they print, what they post, and the exit code, for good input and bad. */
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seen } from '../testing/raw-files.ts'
import { createS3Space, createSpace, type Space } from '../testing/space.ts'
import { run } from './cli.ts'

const DAY = '2026-11-20'
const PHONE = 'AA:00:00:00:00:01'
const LAPTOP = 'AA:00:00:00:00:02'
const LATE = 'AA:00:00:00:00:03'

const members = [
  { email: 'Ana+2000@Example.org', firstName: 'Ana', lastName: 'Martin', macs: [PHONE, LAPTOP] },
  { email: 'bob@example.org', firstName: 'Bob', lastName: 'Weber', macs: ['BB:00:00:00:00:01'] },
  {
    email: 'box@example.org',
    firstName: 'Box',
    lastName: 'coworking',
    macs: ['CC:00:00:00:00:01'],
  },
]

/** The lines of a run that are about a member and day: all but the nightly line. */
const charges = (out: readonly string[]) => out.filter((line) => /^\d{4}-\d{2}-\d{2} /.test(line))

let space: Space & { close: () => Promise<void> }
beforeEach(async () => {
  space = await createSpace({ members })
})
afterEach(() => space.close())

describe('upload', () => {
  test('posts every amount above 0, and prints it', async () => {
    const text =
      seen(PHONE, DAY, 9, 10) +
      seen(LAPTOP, DAY, 11, 25) +
      seen('BB:00:00:00:00:01', DAY, 9, 2) +
      seen('CC:00:00:00:00:01', DAY, 9, 40)
    await space.write(`presences/poulailler/${DAY}`, text)
    const ran = await space.run('upload', DAY)
    expect(ran).toMatchObject({
      code: 0,
      out: [
        `${DAY} Ana+2000@Example.org - → 1.0 post: first charge: 35 slots`,
        '1 member, 1.0 ticket, looking unknown, nothing to do',
        '1 membre, 1,0 ticket, temps regardé inconnu, rien à faire',
      ],
    })
    expect(space.tickets.posts).toEqual([
      { email: 'Ana+2000@Example.org', date: DAY, amount: '1', stored: true },
    ])
  })

  test('charges today when no day is given', async () => {
    await space.write(
      'presences/poulailler/2026-11-22',
      seen('BB:00:00:00:00:01', '2026-11-22', 9, 3),
    )
    const { out } = await space.run('upload')
    expect(charges(out)).toEqual(['2026-11-22 bob@example.org - → 0.5 post: first charge: 3 slots'])
  })

  test('charges several days, and a day twice without doing anything twice', async () => {
    await space.write(
      'presences/poulailler/2026-11-19',
      seen('BB:00:00:00:00:01', '2026-11-19', 9, 3),
    )
    await space.write(`presences/salle-b/${DAY}`, seen('BB:00:00:00:00:01', DAY, 9, 30))
    const first = await space.run('upload', '--from', '2026-11-18', '--to', DAY)
    expect(first.code).toBe(0)
    expect(charges(first.out)).toEqual([
      '2026-11-19 bob@example.org - → 0.5 post: first charge: 3 slots',
      `${DAY} bob@example.org - → 1.0 post: first charge: 30 slots`,
    ])
    const second = await space.run('upload', '--from', '2026-11-18', '--to', DAY)
    expect(second.code).toBe(0)
    expect(charges(second.out)).toEqual([
      '2026-11-19 bob@example.org 0.5 → 0.5 skip: already so',
      `${DAY} bob@example.org 1.0 → 1.0 skip: already so`,
    ])
    expect(space.tickets.posts).toHaveLength(2)
    expect(space.tickets.state.amount('bob@example.org', '2026-11-19')).toBe(0.5)
    expect(space.tickets.state.amount('bob@example.org', DAY)).toBe(1)
  })

  test('with --dry-run prints the same and changes nothing', async () => {
    await space.write(`presences/poulailler/${DAY}`, seen('BB:00:00:00:00:01', DAY, 9, 3))
    const dry = await space.run('upload', DAY, '--dry-run')
    expect(dry.code).toBe(0)
    expect(charges(dry.out)).toEqual([`${DAY} bob@example.org - → 0.5 post: first charge: 3 slots`])
    expect(space.tickets.posts).toEqual([])
    await expect(readFile(`${space.folder}/store/rollups`)).rejects.toThrow('ENOENT')
  })

  test('a refused post is listed, written to LOG_DIR, and makes exit code 1', async () => {
    space.env.LOG_DIR = `${space.folder}/logs`
    await space.write(
      `presences/poulailler/${DAY}`,
      seen(PHONE, DAY, 9, 3) + seen('BB:00:00:00:00:01', DAY, 9, 3),
    )
    space.tickets.setFaults(({ params }) =>
      params.email === 'bob@example.org' ? { status: 404 } : undefined,
    )
    const ran = await space.run('upload', DAY)
    expect(ran.code).toBe(1)
    expect(charges(ran.out)).toEqual([
      `${DAY} Ana+2000@Example.org - → 0.5 post: first charge: 3 slots`,
      `${DAY} bob@example.org - → 0.5 NOT POSTED: first charge: 3 slots`,
    ])
    expect(ran.out).toContain(
      '1 member, 0.5 tickets, looking unknown, to do: 1 post failed, tried again at the next run',
    )
    expect(ran.errors).toContain(`bob@example.org was not charged 0.5 for ${DAY}`)
    const log = await readFile(`${space.folder}/logs/${DAY}`, 'utf8')
    expect(log.split('\t').slice(0, 3)).toEqual([
      '2026-11-22T22:15:00+01:00',
      'bob@example.org',
      '0.5',
    ])
    expect(log.split('\n')).toHaveLength(2)
  })

  test('someone without an e-mail is named, and the others are charged: exit code 1', async () => {
    space.tickets.state.addMember({ email: '', firstName: 'Eve', lastName: 'Nomail', macs: [LATE] })
    await space.write(
      `presences/poulailler/${DAY}`,
      seen(LATE, DAY, 9, 30) + seen('BB:00:00:00:00:01', DAY, 9, 3),
    )
    const ran = await space.run('upload', DAY)
    expect(ran.code).toBe(1)
    expect(charges(ran.out)).toEqual([`${DAY} bob@example.org - → 0.5 post: first charge: 3 slots`])
    expect(ran.errors).toContain(
      '30 slots (1.0 ticket) are charged to nobody: Eve Nomail has no e-mail',
    )
    expect(ran.errors).not.toContain(LATE)
  })

  test('a day without any file is not a quiet day: exit code 1', async () => {
    await space.write('presences/poulailler/2026-11-19', seen(PHONE, '2026-11-19', 9, 3))
    const ran = await space.run('upload', DAY)
    expect(ran.code).toBe(1)
    expect(ran.errors).toContain(
      `No location has any file for ${DAY}: were the boxes on, and shipping?`,
    )
  })

  test('lines that can not be read are reported, and the others count', async () => {
    await space.write(
      `presences/poulailler/${DAY}`,
      `garbage\n${seen('BB:00:00:00:00:01', DAY, 9, 3)}`,
    )
    const ran = await space.run('upload', DAY)
    expect(ran.code).toBe(1)
    expect(charges(ran.out)).toEqual([`${DAY} bob@example.org - → 0.5 post: first charge: 3 slots`])
    expect(ran.errors).toContain(
      `presences/poulailler/${DAY}: line 1: no date YYYY-MM-DD at the start`,
    )
  })

  test('a damaged rollup stops its day, not the others', async () => {
    await space.write(
      'presences/poulailler/2026-11-19',
      seen('BB:00:00:00:00:01', '2026-11-19', 9, 3),
    )
    await space.write(`presences/poulailler/${DAY}`, seen('BB:00:00:00:00:01', DAY, 9, 3))
    await space.write(`rollups/poulailler/${DAY}.json.gz`, 'not gzip')
    const ran = await space.run('upload', '--from', '2026-11-19', '--to', DAY)
    expect(ran.code).toBe(1)
    expect(charges(ran.out)).toEqual([
      '2026-11-19 bob@example.org - → 0.5 post: first charge: 3 slots',
    ])
    expect(ran.errors).toContain(
      `Nobody was charged for ${DAY}: Can't use rollups/poulailler/${DAY}.json.gz`,
    )
    expect((await space.run('upload', DAY)).code).toBe(3)
  })

  test.each([
    [
      'an empty map',
      { status: 200, headers: { 'Content-Type': 'text/csv; charset=utf-8' }, body: '' },
      'The member map is empty',
    ],
    [
      'a login page',
      { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>' },
      "Can't fetch the member map",
    ],
    ['an unknown key', { status: 401 }, 'TICKET_BACKEND_TOKEN'],
  ])('%s stops the run: exit code 3, nothing posted', async (_, fault, message) => {
    await space.write(`presences/poulailler/${DAY}`, seen('BB:00:00:00:00:01', DAY, 9, 3))
    space.tickets.setFaults(() => fault)
    const ran = await space.run('upload', DAY)
    expect(ran).toMatchObject({ code: 3, out: [] })
    expect(ran.errors).toContain(message)
    expect(space.tickets.posts).toEqual([])
  })

  test('a store in which nothing was ever shipped is the wrong store: exit code 3', async () => {
    const ran = await space.run('upload', DAY)
    expect(ran.code).toBe(3)
    expect(ran.errors).toContain("Can't find any location")
    expect(ran.errors.trim().split('\n')).toHaveLength(1)
  })
})

test('a MAC address in any spelling is the same device, in files and in the map', async () => {
  const member = space.tickets.state.member('bob@example.org')
  member.macs = ['bb-00-00-00-00-01']
  await space.write(
    `presences/poulailler/${DAY}`,
    seen('bb0000000001', DAY, 9, 2) + seen('BB.00.00.00.00.01', DAY, 10, 1),
  )
  expect((await space.run('presences', DAY)).out).toEqual(['bob@example.org 0.5'])
})

describe('damaged raw files', () => {
  const MINUTE = `presences/poulailler/${DAY}/20261120T0804Z-box.tsv`

  test.each([
    [
      'a day file that is no text',
      `presences/poulailler/${DAY}`,
      '\u001f\u008b\u0000 gzipped',
      'line 1: no date',
    ],
    [
      'a web page',
      `presences/poulailler/${DAY}`,
      '<html>quota exceeded</html>\n',
      'line 1: no date',
    ],
    [
      'a minute file cut after a line',
      MINUTE,
      `# devices=2\n${seen('BB:00:00:00:00:01', DAY, 9, 1)}`,
      'the file was cut short',
    ],
    ['a minute file cut in its first line', MINUTE, '# devices=2 vers', 'the file was cut short'],
    [
      'a file of another name',
      `presences/poulailler/${DAY}/notes.txt`,
      'hello',
      'the name is not that of a minute',
    ],
  ])('%s: the others count, and the exit code is 1', async (_, key, text, message) => {
    await space.write(key, text)
    await space.write(`presences/salle-b/${DAY}`, seen('BB:00:00:00:00:01', DAY, 9, 3))
    const ran = await space.run('upload', DAY)
    expect(ran.code).toBe(1)
    expect(ran.errors).toContain(message)
    expect(charges(ran.out)).toEqual([`${DAY} bob@example.org - → 0.5 post: first charge: 3 slots`])
    expect(ran.out.join('\n')).toContain('1 file damaged, see the log')
    const replayed = await space.run('reupload', 'BB0000000001', '--period', DAY)
    expect(replayed.errors).toContain(message)
  })

  test('a minute file seen while it was copied is read again', async () => {
    const whole = `# devices=1 version=1\n${seen('BB:00:00:00:00:01', DAY, 9, 1)}`
    for (const part of ['', whole.slice(0, 14), whole]) {
      await space.write(MINUTE, part)
      await space.run('rollup', '--from', DAY, '--to', DAY)
    }
    const { out } = await space.run('presences', DAY, '--json')
    expect(JSON.parse(out.join('\n'))).toMatchObject([{ email: 'bob@example.org', slotCount: 1 }])
  })
})

test('a device two members claim: neither is charged for it in silence', async () => {
  space.tickets.state.addMember({
    email: 'dora@example.org',
    firstName: 'Dora',
    lastName: 'Roth',
    macs: [PHONE],
  })
  await space.write(
    `presences/poulailler/${DAY}`,
    seen(LAPTOP, DAY, 9, 28) + seen(PHONE, DAY, 15, 2),
  )
  const ran = await space.run('upload', DAY)
  expect(ran.code).toBe(1)
  expect(ran.errors).toContain(
    '2 slots (0 ticket) are charged to nobody: Ana+2000@Example.org / dora@example.org both claim this device',
  )
})

test('a ticket server that does not answer is not asked for everybody, for hours', async () => {
  for (let number = 0; number < 40; number += 1) {
    const mac = `EE:00:00:00:00:${String(number).padStart(2, '0')}`
    space.tickets.state.addMember({
      email: `m${number}@example.org`,
      firstName: 'M',
      lastName: 'M',
      macs: [mac],
    })
  }
  const macs = space.tickets.state.members.flatMap((member) => member.macs)
  await space.write(`presences/poulailler/${DAY}`, macs.map((mac) => seen(mac, DAY, 9, 3)).join(''))
  space.env.LOG_DIR = `${space.folder}/logs`
  space.tickets.setFaults(({ path }) => (path === '/api/presence' ? 'drop' : undefined))
  const ran = await space.run('upload', DAY)
  expect(ran.code).toBe(1)
  expect(new Set(space.tickets.posts.map(({ email }) => email)).size).toBeLessThan(12)
  expect((await readFile(`${space.folder}/logs/${DAY}`, 'utf8')).trim().split('\n')).toHaveLength(
    42,
  )
  space.tickets.setFaults(undefined)
  expect((await space.run('upload', DAY)).code).toBe(0)
  expect(space.tickets.state.amount('m39@example.org', DAY)).toBe(0.5)
})

describe('reupload', () => {
  test("keeps the full day that the member's other device earned", async () => {
    await space.write(
      `presences/poulailler/${DAY}`,
      seen(LAPTOP, DAY, 9, 30) + seen(PHONE, DAY, 9, 3),
    )
    await space.run('upload', DAY)
    const ran = await space.run(
      'reupload',
      PHONE.toLowerCase().replaceAll(':', '-'),
      '--period',
      '2026-11',
    )
    expect(ran).toMatchObject({
      code: 0,
      out: [
        `${DAY} seen 3 min, 3 slots at poulailler; Ana+2000@Example.org [known from a later day] 1.0 → 1.0 (30 slots in all) skip: already so`,
      ],
    })
    expect(space.tickets.state.amount('Ana+2000@Example.org', DAY)).toBe(1)
  })

  test('charges the days of a device that was registered late, at all locations', async () => {
    await space.write(`presences/poulailler/${DAY}`, seen(LATE, DAY, 8, 20))
    await space.write(`presences/salle-b/${DAY}`, seen(LATE, DAY, 14, 10))
    await space.write('presences/salle-b/2026-02-03', seen(LATE, '2026-02-03', 14, 3))
    await space.write('presences/salle-b/2026-02-04', seen(LATE, '2026-02-04', 14, 2))
    await space.write('presences/salle-b/2025-12-31', seen(LATE, '2025-12-31', 14, 3))
    space.tickets.state.addDevice('bob@example.org', LATE)
    const preview = await space.run('reupload', LATE, '--dry-run')
    expect(space.tickets.posts).toEqual([])
    const ran = await space.run('reupload', LATE)
    expect(ran.out).toEqual([
      '2026-02-03 seen 3 min, 3 slots at salle-b; bob@example.org [known from a later day] - → 0.5 (3 slots in all) post: first charge: 3 slots',
      '2026-02-04 seen 2 min, 2 slots at salle-b; bob@example.org [known from a later day] - → 0 (2 slots in all) skip: 2 slots: nothing to charge',
      `${DAY} seen 30 min, 30 slots at poulailler, salle-b; bob@example.org [known from a later day] - → 1.0 (30 slots in all) post: first charge: 30 slots`,
    ])
    expect(preview.out).toEqual(ran.out)
    expect(space.tickets.posts.map(({ date, amount }) => [date, amount])).toEqual([
      ['2026-02-03', '0.5'],
      [DAY, '1'],
    ])
  })

  test('of a device nobody registered lists its days, posts nothing: exit code 1', async () => {
    await space.write(`presences/poulailler/${DAY}`, seen(LATE, DAY, 9, 30))
    const ran = await space.run('reupload', LATE, '--period', DAY)
    expect(ran).toMatchObject({
      code: 1,
      out: [`${DAY} seen 30 min, 30 slots at poulailler; nobody had registered it`],
    })
    expect(ran.errors).toContain('Nobody has registered AA:00:…:03')
    expect(ran.errors).not.toContain(LATE)
    expect(space.tickets.posts).toEqual([])
  })

  test("of the space's own device posts nothing, and that is right: exit code 0", async () => {
    await space.write(`presences/poulailler/${DAY}`, seen('CC:00:00:00:00:01', DAY, 9, 30))
    expect(await space.run('reupload', 'CC0000000001', '--period', DAY)).toMatchObject({ code: 0 })
    expect(space.tickets.posts).toEqual([])
  })

  test('a post that fails is on its line: exit code 1', async () => {
    await space.write(`presences/poulailler/${DAY}`, seen(PHONE, DAY, 9, 3))
    space.tickets.setFaults(({ path }) => (path === '/api/presence' ? { status: 400 } : undefined))
    const ran = await space.run('reupload', PHONE, '--period', DAY)
    expect(ran.code).toBe(1)
    expect(ran.out[0]).toContain(' NOT POSTED: first charge')
  })
})

describe('rollup', () => {
  test('says what is known of each day, and fetches nothing twice', async () => {
    await space.write(`presences/poulailler/${DAY}`, seen(PHONE, DAY, 9, 3))
    await space.write(`presences/salle-b/${DAY}/20261120T0800Z-box.tsv`, '# devices=0\n')
    const first = await space.run('rollup', '--from', '2026-11-19', '--to', DAY)
    expect(first.out).toEqual([
      `${DAY} poulailler: 1 devices, minutes unknown, 1 objects fetched`,
      `${DAY} salle-b: 0 devices, 1 minutes looked at, 1 objects fetched`,
    ])
    const second = await space.run('rollup', '--from', DAY, '--to', DAY)
    expect(second.out.every((line) => line.endsWith(' 0 objects fetched'))).toBe(true)
  })
})

describe('what could not be read', () => {
  const BEFORE = '2026-11-19'

  beforeEach(async () => {
    for (const day of [BEFORE, DAY])
      await space.write(`presences/poulailler/${day}`, seen(PHONE, day, 9, 3))
    await space.write(`rollups/poulailler/${DAY}.json.gz`, 'damaged')
  })

  test.each([
    ['rollup', 1, ['rollup', '--from', BEFORE, '--to', DAY]],
    ['rollup, all of it', 3, ['rollup', '--from', DAY, '--to', DAY]],
    ['reupload', 1, ['reupload', PHONE, '--period', `${BEFORE}..${DAY}`]],
    ['reupload, all of it', 3, ['reupload', PHONE, '--period', DAY]],
    ['upload', 1, ['upload', '--from', BEFORE, '--to', DAY]],
    ['upload, all of it', 3, ['upload', DAY]],
    ['presences', 3, ['presences', DAY]],
    ['explain', 3, ['explain', DAY, 'Ana+2000@Example.org']],
  ])('by %s is told, and makes an exit code of %i', async (_, code, args) => {
    const ran = await space.run(...args)
    expect(ran.code).toBe(code)
    expect(ran.errors).toContain(`Can't use rollups/poulailler/${DAY}.json.gz`)
    expect(ran.errors).not.toMatch(/^\s+at /m)
  })
})

test.each([
  ['all of the trail', [], 0],
  ['a trail with an event nobody understands', ['?'], 1],
])('members import-audit of %s', async (_, macs, code) => {
  await space.write(`presences/poulailler/${DAY}`, '')
  space.tickets.state.addDevice('bob@example.org', LATE)
  space.tickets.state.removeDevice('bob@example.org', LATE)
  const bob = space.tickets.state.member('bob@example.org')
  if (macs.length > 0)
    space.tickets.state.audit.log('MEMBER_MAC_ADDRESSES_UPDATE', bob, { macAddresses: macs })
  expect((await space.run('members', 'import-audit')).code).toBe(code)
})

test('members import-audit refuses a map that lost more than half of its devices', async () => {
  await space.write(`presences/poulailler/${DAY}`, '')
  expect((await space.run('upload', DAY, '--accept-map')).code).toBe(1)
  for (const mac of [PHONE, LAPTOP]) space.tickets.state.removeDevice('Ana+2000@Example.org', mac)
  space.tickets.state.removeDevice('box@example.org', 'CC:00:00:00:00:01')
  const ran = await space.run('members', 'import-audit')
  expect(ran).toMatchObject({ code: 3, out: [] })
  expect(ran.errors).toContain('--accept-map')
})

test('reupload of a device that nobody registered and nobody saw: exit code 1, for it may be mistyped', async () => {
  await space.write(`presences/poulailler/${DAY}`, seen(PHONE, DAY, 9, 3))
  const ran = await space.run('reupload', LATE, '--period', DAY)
  expect(ran).toMatchObject({ code: 1, out: [] })
  expect(ran.errors).toContain('Nobody has registered AA:00:…:03')
  expect((await space.run('reupload', LAPTOP, '--period', DAY)).code).toBe(0)
})

test.each([
  ['20261119T2259Z', true],
  ['20261119T2300Z', false],
  ['20261120T2259Z', false],
  ['20261120T2300Z', true],
])('a file named %s in the folder of 20 November is a stranger: %s', async (minute, isStranger) => {
  await space.write(`presences/poulailler/${DAY}/${minute}-box.tsv`, '# devices=0\n')
  const { errors } = await space.run('rollup', '--from', DAY, '--to', DAY)
  expect(errors.includes('the name is not that of a minute of this day')).toBe(isStranger)
})

test('presences prints nobody who owes nothing', async () => {
  const text = seen(PHONE, DAY, 9, 2) + seen('BB:00:00:00:00:01', DAY, 9, 3)
  await space.write(`presences/poulailler/${DAY}`, text)
  expect((await space.run('presences', DAY)).out).toEqual(['bob@example.org 0.5'])
})

test('doctor takes secrets from their files as all commands do', async () => {
  await space.write(`presences/poulailler/${DAY}`, '')
  const sink = { out: [] as string[], errors: [] as string[] }
  const { TICKET_BACKEND_TOKEN: token, ...others } = space.env
  const env = { ...others, TICKET_BACKEND_TOKEN_FILE: '/run/token' }
  const readText = (path: string) => (path === '/run/token' ? `${token}\n` : undefined)
  await run(['doctor'], { ...space.effects(sink), env, readText })
  expect(sink.out).toContainEqual(
    expect.stringMatching(/^ok +ticket server: 3 devices of 2 members$/),
  )
})

test.each([
  [60_499, 'ok   clock: 60 s off'],
  [60_500, 'FAIL clock: 61 s off'],
  [-60_500, 'ok   clock: -60 s off'],
  [-60_501, 'FAIL clock: -61 s off'],
])('doctor finds a clock that is %i ms off: %s', async (ms, line) => {
  await space.write(`presences/poulailler/${DAY}`, '')
  const server = new Date('2026-11-22T21:15:00Z')
  const sink = { out: [] as string[], errors: [] as string[] }
  const effects = space.effects(sink)
  await run(['doctor'], {
    ...effects,
    now: () => new Date(server.getTime() + ms),
    fetch: async (input, init) =>
      init?.method === 'HEAD'
        ? new Response(null, { headers: { Date: server.toUTCString() } })
        : fetch(input, init),
  })
  expect(sink.out).toContainEqual(expect.stringContaining(line))
})

describe('presences --json', () => {
  test('tells the slots, devices and locations behind the amount', async () => {
    await space.write(`presences/poulailler/${DAY}`, seen('BB:00:00:00:00:01', DAY, 9, 3))
    const { out } = await space.run('presences', DAY, '--json')
    expect(JSON.parse(out.join('\n'))).toEqual([
      {
        email: 'bob@example.org',
        amount: 0.5,
        slotCount: 3,
        slots: ['09:00', '09:10', '09:20'],
        locations: ['poulailler'],
        devices: [{ mac: 'BB:00:…:01', location: 'poulailler', minutes: 3, slotCount: 3 }],
      },
    ])
    const whole = await space.run('presences', DAY, '--json', '--macs')
    expect(whole.out.join('')).toContain('BB:00:00:00:00:01')
  })
})

describe('bad usage is refused with exit code 2, saying what is accepted', () => {
  test.each([
    [['upload', '2024-1'], '"2024-1" is not a day: write YYYY-MM-DD'],
    [['upload', '2026-11-23'], '2026-11-23 is in the future: today is 2026-11-22'],
    [
      ['upload', '--from', '2026-11-02', '--to', '2026-11-01'],
      'starts on 2026-11-02, after its end',
    ],
    [['upload', '--from', '2026-11-02'], 'Give both --from and --to'],
    [['upload', DAY, '--from', DAY, '--to', DAY], 'not both'],
    [['reupload', 'AA:BB'], '"AA:BB" is not a MAC address: write it as AA:BB:CC:DD:EE:FF'],
    [['reupload', PHONE, '--period', '2024-1'], '"2024-1" is not a period: write YYYY'],
    [['reupload', PHONE, '--period', '2027'], '2027 is in the future'],
    [['reupload'], 'Give a MAC address, or --proposal and its number'],
    [['upload', DAY, 'extra'], 'too many arguments'],
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['upload', '--nope'], "unknown option '--nope'"],
    [
      ['presences', DAY, '--input', '/nowhere/file', '--members', '/nowhere/mac.tsv'],
      "Can't read /nowhere/mac.tsv",
    ],
  ])('%j', async (args, message) => {
    await space.write(`presences/poulailler/${DAY}`, '')
    const ran = await space.run(...args)
    expect(ran.code).toBe(2)
    expect(ran.errors).toContain(message)
    expect(ran.errors).not.toMatch(/^\s+at /m)
    expect(space.tickets.posts).toEqual([])
  })

  test('a configuration with faults: all of them, by name, no values', async () => {
    Object.assign(space.env, {
      STORE_URL: 'hunter2',
      TIMEZONE: 'Europe/Metz',
      FULL_DAY_SLOTS: 'many',
      TICKET_BACKEND_URL: 'https://user:hunter2@tickets.example.org',
      TICKET_BACKEND_TOKEN: '',
    })
    const ran = await space.run('upload', DAY)
    expect(ran.code).toBe(2)
    for (const name of [
      'STORE_URL',
      'TIMEZONE',
      'TICKET_BACKEND_TOKEN',
      'TICKET_BACKEND_URL',
      'FULL_DAY_SLOTS',
    ]) {
      expect(ran.errors).toContain(`  - ${name}: `)
    }
    expect(ran.errors).not.toContain('hunter2')
  })

  test('serve refuses to start without long tokens', async () => {
    expect((await space.run('serve')).errors).toContain('ADMIN_TOKENS: is missing')
    space.env.ADMIN_TOKENS = 'a-long-enough-token,short'
    const ran = await space.run('serve')
    expect(ran.code).toBe(2)
    expect(ran.errors).toContain('ADMIN_TOKENS: each token must have at least 16 characters')
    space.env.ADMIN_TOKENS = 'a token that has spaces'
    expect((await space.run('serve')).errors).toContain('ADMIN_TOKENS: tokens are plain letters')
  })
})

describe('doctor', () => {
  test('says that all works', async () => {
    await space.write(`presences/poulailler/${DAY}`, '')
    space.env.ADMIN_TOKENS = 'a-token-of-an-administrator'
    space.clock.now = new Date()
    const ran = await space.run('doctor', '--json')
    const findings = JSON.parse(ran.out.join('\n')) as { check: string; state: string }[]
    expect(findings.map(({ check, state }) => `${check} ${state}`)).toEqual([
      'configuration works',
      'service works',
      'store works',
      'writing works',
      'ticket server works',
      'clock works',
    ])
    expect(ran.code).toBe(0)
  })

  test('warns of what only the service needs, and of a clock that is off', async () => {
    await space.write(`presences/poulailler/${DAY}`, '')
    space.clock.now = new Date()
    const ran = await space.run('doctor')
    expect(ran.code).toBe(1)
    expect(ran.out).toContain(
      'WARN service: serve would not start: ADMIN_TOKENS: is missing: without it nobody could sign in',
    )
    space.clock.now = new Date(Date.now() + 20 * 60_000)
    const late = await space.run('doctor')
    expect(late.code).toBe(3)
    expect(late.out.join('\n')).toMatch(/FAIL clock: 1[12]\d\d s off the ticket server's clock/)
  })

  test('names what fails: exit code 3', async () => {
    const ran = await space.run('doctor')
    expect(ran.code).toBe(3)
    expect(ran.out.join('\n')).toContain("FAIL store: Can't find any location")
  })

  test('names every fault of the configuration: exit code 2', async () => {
    space.env.STORE_URL = ''
    const ran = await space.run('doctor')
    expect(ran).toMatchObject({ code: 2 })
    expect(ran.out[0]).toContain('FAIL configuration: STORE_URL: is missing')
  })
})

test('--help and --version end with exit code 0', async () => {
  expect(await space.run('--version')).toMatchObject({ code: 0, out: ['1.0.0'] })
  const help = await space.run('--help')
  expect(help.code).toBe(0)
  for (const name of ['presences', 'upload', 'reupload', 'rollup', 'serve', 'doctor']) {
    expect(help.out.join('\n')).toContain(`  ${name} `)
  }
})

describe('on S3', () => {
  test('an object that can not be fetched: that day is not charged, the exit code says so', async () => {
    const s3 = await createS3Space({ members })
    try {
      await s3.write(
        'presences/poulailler/2026-11-19',
        seen('BB:00:00:00:00:01', '2026-11-19', 9, 3),
      )
      await s3.write(
        `presences/poulailler/${DAY}/20261120T0804Z-box.tsv`,
        seen('BB:00:00:00:00:01', DAY, 9, 1),
      )
      s3.s3.faults = ({ key, method }) =>
        method === 'GET' && key.includes('T0804Z')
          ? { status: 403, code: 'AccessDenied' }
          : undefined
      const ran = await s3.run('upload', '--from', '2026-11-19', '--to', DAY)
      expect(ran.code).toBe(1)
      expect(charges(ran.out)).toEqual([
        '2026-11-19 bob@example.org - → 0.5 post: first charge: 3 slots',
      ])
      expect(ran.errors).toContain(`Nobody was charged for ${DAY}`)
      expect(s3.tickets.posts.map(({ date }) => date)).toEqual(['2026-11-19'])
    } finally {
      await s3.close()
    }
  })

  test.each([
    ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'wrong' }, 'SignatureDoesNotMatch'],
    ['an unknown key', { AWS_ACCESS_KEY_ID: 'nobody' }, 'InvalidAccessKeyId'],
    ['a bucket that is not there', { STORE_URL: 's3://elsewhere' }, 'NoSuchBucket'],
  ])('%s: exit code 3, the cause in one line', async (_, env, code) => {
    const s3 = await createS3Space({ members })
    try {
      Object.assign(s3.env, env)
      const ran = await s3.run('upload', DAY)
      expect(ran.code).toBe(3)
      expect(ran.errors).toContain(code)
      expect(ran.errors.trim().split('\n')).toHaveLength(1)
      expect(s3.tickets.posts).toEqual([])
    } finally {
      await s3.close()
    }
  })
})
