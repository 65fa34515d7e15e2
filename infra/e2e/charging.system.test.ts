/**
 * Several runs at once, and runs that are killed: whatever happens, each member's amount is right in the end, the ledger
 * knows every post, and nothing is posted twice with different amounts.
 */
import { type AddressInfo, createServer } from 'node:net'
import { seen } from '@presences/aggregator/testing/raw-files.ts'
import { addDays, localDayOf } from '@presences/shared'
import { describe, expect, test } from 'vitest'
import { createSite, type Site } from './aggregator-process.ts'

const DAY = addDays(localDayOf(new Date(), 'Europe/Paris'), -1)
const LATE = 'CC:00:00:00:00:01'
const MEMBERS = Array.from({ length: 8 }, (_, index) => ({
  email: `member${index}@example.org`,
  firstName: 'M',
  lastName: String(index),
  macs: [`AA:00:00:00:00:0${index}`],
  /** 3 slots, or 30. */
  slots: index % 2 === 0 ? 3 : 30,
  amount: index % 2 === 0 ? 0.5 : 1,
}))

interface Entry {
  readonly email: string
  readonly computed: number
  readonly decision: string
  readonly outcome?: string
  readonly run: { readonly id: string }
}

async function siteWithADay(): Promise<Site> {
  const site = await createSite({ members: MEMBERS })
  const lines = MEMBERS.map(({ macs: [mac = ''], slots }) => seen(mac, DAY, 9, slots))
  site.write(`presences/poulailler/${DAY}`, lines.join(''))
  return site
}

function entriesOf(site: Site): Entry[] {
  return (site.read(`ledger/${DAY}.json.gz`) as { entries: Entry[] }).entries
}

function expectAllCharged(site: Site): void {
  for (const { email, amount } of MEMBERS) {
    expect({ email, amount: site.tickets.state.amount(email, DAY) }).toEqual({ email, amount })
  }
  for (const { email, amount } of MEMBERS) {
    const amounts = site.tickets.posts
      .filter((post) => post.email === email)
      .map((post) => post.amount)
    expect(new Set(amounts)).toEqual(new Set([String(amount)]))
    const posted = entriesOf(site).filter(
      (entry) => entry.email === email && entry.outcome === 'posted',
    )
    expect(posted.map(({ computed }) => computed)).toContain(amount)
  }
}

describe('two uploads and a replay at the same time', () => {
  test.each(['honoured', 'refused', 'ignored'] as const)(
    'on a server whose conditional writes are %s',
    async (conditionalWrites) => {
      const site = await siteWithADay()
      try {
        site.s3.conditionalWrites = conditionalWrites
        site.tickets.state.addDevice('member0@example.org', LATE)
        site.write(`presences/salle-b/${DAY}`, seen(LATE, DAY, 9, 2))
        const runs = [
          ['upload', DAY],
          ['upload', DAY],
          ['reupload', LATE, '--period', DAY],
        ]
        const ended = await Promise.all(runs.map((args) => site.start(args).end))
        for (const { code, errors } of ended)
          expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' })
        expectAllCharged(site)
        const perRun = entriesOf(site)
          .filter(({ decision }) => decision === 'post')
          .map(({ run, email }) => `${run.id} ${email}`)
        expect(new Set(perRun).size).toBe(perRun.length)
        // Where writers can be told apart, a second run finds what the first one posted.
        if (conditionalWrites === 'honoured')
          expect(site.tickets.posts).toHaveLength(MEMBERS.length)
        else expect(site.tickets.posts.length).toBeLessThanOrEqual(MEMBERS.length * runs.length)
      } finally {
        await site.close()
      }
    },
  )
})

test('an upload killed before any of its requests, and run again', async () => {
  const effects = await effectsOfAnUpload()
  expect(effects).toBeGreaterThan(MEMBERS.length + 10)
  for (let at = 1; at <= effects; at += 1) {
    const site = await siteWithADay()
    try {
      expect(await killedAt(at, site)).toBe('SIGKILL')
      // The killed run's lease has ended by then.
      site.passTime(60_000)
      const again = await site.start(['upload', DAY]).end
      expect({ at, code: again.code, errors: again.errors }).toMatchObject({ at, code: 0 })
      expectAllCharged(site)
    } finally {
      await site.close()
    }
  }
})

test('a ticket server that resets every connection: exit code 3 and a message, never silence', async () => {
  const server = createServer((socket) => socket.resetAndDestroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const site = await siteWithADay()
  try {
    const env = { TICKET_BACKEND_URL: `http://127.0.0.1:${port}` }
    const runs = Array.from(
      { length: 8 },
      () => site.start(['upload', DAY, '--dry-run'], { env }).end,
    )
    for (const { code, errors } of await Promise.all(runs)) {
      expect({ code, said: errors.includes("Can't fetch the member map") }).toEqual({
        code: 3,
        said: true,
      })
    }
  } finally {
    server.close()
    await site.close()
  }
})

/** How many requests an upload makes that nobody kills. */
async function effectsOfAnUpload(): Promise<number> {
  const site = await siteWithADay()
  try {
    const { code, errors } = await site.start(['upload', DAY]).end
    expect({ code, errors }).toMatchObject({ code: 0 })
    return site.s3.requests.length + site.tickets.requests.length
  } finally {
    await site.close()
  }
}

/** Kills an upload as its request number `at` arrives; every other one of them is done all the same, unanswered. */
async function killedAt(at: number, site: Site): Promise<NodeJS.Signals | null> {
  let count = 0
  const { child, end } = site.start(['upload', DAY])
  const isTheOne = () => {
    count += 1
    if (count !== at) return false
    child.kill('SIGKILL')
    return at % 2 === 0
  }
  site.s3.faults = () => (isTheOne() ? 'drop' : undefined)
  site.tickets.setFaults(() => (isTheOne() ? 'drop' : undefined))
  const { signal } = await end
  site.s3.faults = undefined
  site.tickets.setFaults(undefined)
  return signal
}
