/**
 * The main job, on this machine, in under a minute: a day in a room is seen by the real probe, shipped by
 * the real rclone, charged by the real `upload`, and replayed over HTTP for a phone that was registered
 * late. The amounts at the ticket server are checked against what was written down by hand.
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addDays, formatLocalTime, localDayOf } from '@presences/shared'
import { ship } from '../box/run-ship.ts'
import { aggregate, startService } from './aggregator.ts'
import { LATE_DEVICE, PEOPLE } from './lan-day.ts'
import { liveOneDay } from './room.ts'
import { startServers } from './servers.ts'

const TIME_ZONE = 'Europe/Paris'
/** Slots of the opening hours by e-mail, as the service answers; nobody is asked about the space's own. */
type Evidence = ReadonlyMap<string, number>

const COLUMNS = [24, 7, 9, 11, 4]
const ADMIN_TOKEN = 'a-token-of-the-demo-only'

void main()

async function main(): Promise<void> {
  const now = new Date()
  const folder = await mkdtemp(join(tmpdir(), 'presences-demo-'))
  const servers = await startServers(folder)
  try {
    const day = addDays(localDayOf(now, TIME_ZONE), -1)
    say(`It is ${formatLocalTime(now, TIME_ZONE)}; the demo lives through ${day}.`)
    await seeAndShip(day, folder, servers)

    say(`The night's job: presences-aggregator upload ${day}`)
    const uploaded = await aggregate(['upload', day], servers.aggregatorEnv)

    say(`${LATE_DEVICE.email} registers a phone, and an administrator replays it: POST /reupload/…`)
    servers.tickets.state.addDevice(LATE_DEVICE.email, LATE_DEVICE.mac)
    const evidence = await replayOverHttp(day, servers.aggregatorEnv)

    const wrong = printTable(day, servers, evidence)
    if (uploaded !== 0 || wrong > 0) process.exitCode = 1
    say(process.exitCode ? 'Something is wrong: see above.' : 'Every amount is as it must be.')
  } finally {
    await servers.close()
    await rm(folder, { recursive: true })
  }
}

type Servers = Awaited<ReturnType<typeof startServers>>

async function seeAndShip(day: Parameters<typeof liveOneDay>[0], folder: string, servers: Servers) {
  const folders = { bin: join(folder, 'bin'), spool: join(folder, 'spool') }
  await Promise.all([mkdir(folders.bin), mkdir(folders.spool)])
  const minutes = await liveOneDay(day, TIME_ZONE, folders)
  say(`The probe looked ${minutes} times and wrote as many minute files.`)
  // rclone leaves alone what is younger than five seconds: ship until nothing waits, as a timer does.
  while ((await filesIn(folders.spool)) > 0) {
    const { status, stderr } = await ship({ spool: folders.spool, ...servers.shipping })
    if (status !== 0) throw new Error(`presences-probe ship ended with status ${status}: ${stderr}`)
    await sleep(500)
  }
  const arrived = servers.stored()
  say(`rclone shipped them: ${arrived} objects in the bucket, nothing left in the spool.`)
  if (arrived !== minutes) throw new Error(`${minutes} objects were expected`)
}

async function filesIn(spool: string): Promise<number> {
  const entries = await readdir(spool, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).length
}

/** Replays the late device through the real route, then asks for the evidence of everybody's day. */
async function replayOverHttp(day: string, env: Servers['aggregatorEnv']): Promise<Evidence> {
  const service = await startService({ ...env, ADMIN_TOKENS: ADMIN_TOKEN })
  const ask = (path: string, method = 'GET') =>
    fetch(service.url + path, { method, headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } })
  try {
    const replay = await ask(`/reupload/${LATE_DEVICE.mac}?period=${day}`, 'POST')
    const { message } = (await replay.json()) as { message: string }
    process.stdout.write(`${replay.status} ${message}\n`)
    const evidence = new Map<string, number>()
    for (const { email } of PEOPLE) {
      const answer = await ask(`/presences/${day}/${encodeURIComponent(email)}`)
      if (answer.ok) evidence.set(email, ((await answer.json()) as { slotCount: number }).slotCount)
    }
    return evidence
  } finally {
    await service.stop()
  }
}

/** Prints who was charged what and why; returns how many lines are not the truth. */
function printTable(day: string, { tickets }: Servers, evidence: Evidence): number {
  let wrong = 0
  const row = (...cells: string[]) => {
    const padded = cells.map((cell, index) => cell.padEnd(COLUMNS[index] ?? 0))
    process.stdout.write(`  ${padded.join('')}\n`)
  }
  say(`Who was charged what for ${day}, and why:`)
  row('member', 'slots', 'tickets', 'must be', '', 'why')
  for (const { email, truth, why } of PEOPLE) {
    const charged = tickets.state.amount(email, day) ?? 0
    const slots = evidence.get(email) ?? null
    const right = charged === truth.amount && slots === truth.slots
    if (!right) wrong += 1
    const mustBe = `${truth.amount.toFixed(1)} (${truth.slots ?? '-'})`
    row(email, String(slots ?? '-'), charged.toFixed(1), mustBe, right ? 'ok' : 'NO', why)
  }
  return wrong
}

function say(line: string): void {
  process.stdout.write(`\n${line}\n`)
}
