/** Is the probe told what it needs to know? */
import { ConfigError } from '@presences/shared'
import type { ProbeConfig } from '../config.ts'
import type { Check } from './check.ts'

/** One check for each fault of what `load` loads, or the configuration in force. Throws what is no fault of it. */
export function checkConfiguration(load: () => ProbeConfig): {
  readonly checks: readonly Check[]
  readonly config?: ProbeConfig
} {
  const subject = 'configuration'
  try {
    const config = load()
    const found = `location ${config.location}, probe ${config.probe}`
    return { checks: [{ subject, state: 'works', finding: found }], config }
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause
    const advice =
      'set it in /etc/presences/probe.env (by hand: in the environment, or in .env); see presences-probe --help'
    return {
      checks: cause.faults.map((finding) => ({ subject, state: 'misconfigured', finding, advice })),
    }
  }
}
