/**
 * Both bundles on each version of Node that we say they are tested on: what people and scripts see is right, the
 * same on all of them, and free of what a version or a library has to announce to developers.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { sampleHistory } from '@presences/aggregator/testing/space.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import { titleOf } from '../lan/requirements.ts'
import infra from '../package.json' with { type: 'json' }
import { finished } from './aggregator-process.ts'
import { DAY, LATE, type Life, liveOn } from './life-on-node.ts'

/** What Node says to developers, of itself or by a library's `process.emitWarning`. */
const ANNOUNCEMENT = /\(node:\d+\)|deprecat|Warning|no longer support/i
const EXIT_CODES = { doctor: 1, 'ship without a bucket': 2, 'upload with a wrong option': 2 }

/** As `infra/package.json` pins them: whole binaries, from a package that has those for Linux on x64. */
const VERSIONS = Object.entries(infra.optionalDependencies).map(([name, source]) => ({
  version: `v${source.split('@').at(-1)}`,
  node: fileURLToPath(new URL(`../node_modules/${name}/bin/node`, import.meta.url)),
}))
const machine = `${process.platform} on ${process.arch}`
const missing = machine === 'linux on x64' ? undefined : `there are no binaries for ${machine}`

describe.skipIf(missing)(titleOf('the bundles on other versions of Node', missing), () => {
  let lives: ReadonlyMap<string, Life>

  beforeAll(async () => {
    const lived = VERSIONS.map(async ({ version, node }) => [version, await liveOn(node)] as const)
    lives = new Map(await Promise.all(lived))
  })

  describe.each(VERSIONS)('$version', ({ version, node }) => {
    const life = () => lives.get(version) as Life

    test('is the Node that ran them', async () => {
      const asked = spawn(node, ['--version'], { stdio: ['ignore', 'pipe', 'pipe'] })
      expect((await finished(asked)).out).toBe(`${version}\n`)
    })

    test('the probe writes down what arp-scan saw, and ships it', () => {
      const { written, stored } = life().minuteFile
      expect(written.match(/\t[0-9A-F:]{17}\n/g)).toHaveLength(9)
      expect(stored).toBe(written)
    })

    test('the amounts are those of the sample history', async () => {
      const truth = (await sampleHistory()).amountsOf(DAY)
      const { charged, replayed, said } = life()
      expect(replayed).toEqual(truth)
      expect(charged).toEqual(
        truth.map((line) => (line.startsWith(LATE.email) ? `${LATE.email} 0.5` : line)),
      )
      expect(said.presences?.out).toBe(truth.map((line) => `${line}\n`).join(''))
    })

    test('every program ends as it must, the service when it is told to', () => {
      const codes = Object.entries(life().said).map(([what, { code }]) => [what, code])
      expect(Object.fromEntries(codes)).toEqual({
        ...Object.fromEntries(codes.map(([what]) => [what, 0])),
        ...EXIT_CODES,
      })
    })

    test('the service answers all it is asked, the preview of the replay among it', () => {
      const answers = Object.entries(life().answers)
      expect(answers.map(([path, { status }]) => `${status} ${path}`)).toEqual(
        answers.map(([path]) => `200 ${path}`),
      )
      expect(answers.find(([path]) => path.startsWith('/reupload/'))?.[1].text).toContain(
        'seen on 1 day, 1 amount would be posted',
      )
    })

    test('every word is the same as on the others', () => {
      const [first] = VERSIONS
      const { said, answers } = lives.get(first?.version ?? '') as Life
      expect({ said: life().said, answers: life().answers }).toEqual({ said, answers })
    })

    test('nothing is announced to people', () => {
      for (const [what, { errors }] of Object.entries(life().said))
        expect(errors, what).not.toMatch(ANNOUNCEMENT)
    })
  })
})
