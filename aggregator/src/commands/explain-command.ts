/** `explain DATE EMAIL`: why a member's day costs what it does: in words, as JSON or as a picture. */
import { ExitCode } from '@presences/shared'
import { pastDay } from '../arguments/period.ts'
import { UsageError } from '../arguments/usage-error.ts'
import { chargeConfig } from '../config.ts'
import type { VisibleEffects } from '../effects.ts'
import { explainMemberDay } from '../explain/explain-day.ts'
import { explanationLines, type Lang } from '../explain/sentences.ts'
import { strangerLines } from '../reports/room-lines.ts'
import { timelineSvg } from '../timeline/svg.ts'
import { openReading } from '../wiring.ts'
import { setUp } from './setup.ts'

export interface ExplainOptions {
  readonly date: string
  readonly email: string
  readonly json?: boolean
  readonly svg?: boolean
  readonly macs?: boolean
  readonly lang: string
}

/** Prints the explanation; changes nothing. Throws UsageError for an e-mail nobody has. */
export async function explainCommand(
  options: ExplainOptions,
  effects: VisibleEffects,
): Promise<ExitCode> {
  const { config, log, today } = setUp(chargeConfig, effects)
  const lang = langOf(options.lang)
  const day = pastDay(options.date, today)
  const { deps, ownersOn } = await openReading(config, effects, log)
  for (const line of strangerLines(deps.strangers)) log.warn(line)
  const macs = options.macs ? 'whole' : 'short'
  const explanation = await explainMemberDay(day, options.email, ownersOn(day), deps, macs)
  if (!explanation) {
    throw new UsageError(
      `No member with a registered device has the e-mail ${options.email}: write it exactly as at the ticket server`,
    )
  }
  if (options.svg) effects.printText(timelineSvg(explanation, { lang }))
  else if (options.json) effects.printText(JSON.stringify(explanation, null, 2))
  else for (const line of explanationLines(explanation, lang)) effects.printLine(line)
  return ExitCode.done
}

function langOf(text: string): Lang {
  if (text === 'en' || text === 'fr') return text
  throw new UsageError(`--lang ${JSON.stringify(text)} is not known: write en or fr`)
}
