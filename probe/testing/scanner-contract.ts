/**
 * What every scanner must do, whatever it asks: run by the tests of each adapter, and of the fake that
 * stands for them elsewhere.
 */
import { type Mac, macFromBits } from '@presences/shared'
import { describe, expect, test } from 'vitest'
import type { Look, Scanner } from '../src/scan/scanner.ts'

/** A scanner in a world the suite commands. Made anew for each test. */
export interface ScannerWorld {
  readonly scanner: Scanner
  /** Puts these devices, and no others, on the scanner's network. */
  present(macs: readonly Mac[]): void | Promise<void>
  /** From now on the scanner's network can't be looked at. */
  broken(): void | Promise<void>
  /** From now on whatever the scanner asks never answers. */
  hanging(): void | Promise<void>
}

export interface ScannerUnderTest {
  /** A world of so many networks, with the devices on the first one alone. */
  world(networks: 1 | 2): Promise<ScannerWorld>
  /** The second of two networks can't be looked at. */
  halfBroken(): Promise<ScannerWorld>
  /** What a world holds on to. */
  close?(): Promise<void>
}

const ANNE = macFromBits(0x02_00_5e_00_00_0a)
const BOB = macFromBits(0xfa_ce_5e_00_00_0b)
const MAC = /([0-9a-f]{2}[:.-]?){5}[0-9a-f]{2}/i

export function scannerContract(name: string, subject: ScannerUnderTest): void {
  /** Runs a test in a world of its own. */
  const inWorld = async (made: Promise<ScannerWorld>, steps: (world: ScannerWorld) => unknown) => {
    try {
      await steps(await made)
    } finally {
      await subject.close?.()
    }
  }

  describe(`${name} keeps the scanners' contract`, () => {
    test('it goes by its name', () =>
      inWorld(subject.world(1), ({ scanner }) => expect(scanner.name).toBe(name)))

    test('it gives each device that is there once, and those that come and go', () =>
      inWorld(subject.world(1), async (world) => {
        for (const macs of [[ANNE, BOB], [BOB], []]) {
          await world.present(macs)
          const looks = await world.scanner.look(20_000)
          expect(looks).toHaveLength(1)
          expect(looks[0]?.failure).toBeUndefined()
          expect(looks[0]?.unreadable).toEqual([])
          expect([...(looks[0]?.macs ?? [])].sort()).toEqual(macs)
        }
      }))

    test('what can not be looked at is a failure that says what to do, and is no empty room', () =>
      inWorld(subject.world(2), async (world) => {
        await world.present([ANNE])
        await world.broken()
        const looks = await world.scanner.look(20_000)
        expect(looks).toHaveLength(2)
        for (const look of looks) expectFailure(look)
      }))

    test('a network that can not be looked at takes nothing from another', () =>
      inWorld(subject.halfBroken(), async (world) => {
        await world.present([ANNE, BOB])
        const [whole, broken] = await world.scanner.look(20_000)
        expect([[...(whole?.macs ?? [])].sort(), whole?.failure]).toEqual([[ANNE, BOB], undefined])
        expectFailure(broken)
      }))

    test('it ends within its time when it gets no answer', { timeout: 5_000 }, () =>
      inWorld(subject.world(1), async (world) => {
        await world.hanging()
        for (const look of await world.scanner.look(300)) {
          expectFailure(look)
          expect(look.failure?.reason).toContain('within 0.3 s')
        }
      }),
    )

    test('it can be asked again after a failure', () =>
      inWorld(subject.world(1), async (world) => {
        await world.broken()
        await world.scanner.look(20_000)
        await world.present([BOB])
        expect(await world.scanner.look(20_000)).toMatchObject([{ macs: [BOB] }])
      }))
  })
}

/** Its words travel in the log and in the minute file: one line each, and no device's address. */
function expectFailure(look: Look | undefined): void {
  const { reason = '', advice = '' } = look?.failure ?? {}
  for (const text of [reason, advice]) {
    expect(text).toMatch(/^[^\n]{5,}$/)
    expect(text).not.toMatch(MAC)
  }
}
