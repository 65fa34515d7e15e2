/**
 * The commands (design, section 6). Each one's work is in commands/, loaded only when it is asked for: a
 * `--help` must not wait for the S3 client. Errors end here: one line each, the right exit code.
 */
import { buildVersion, ExitCode } from '@presences/shared'
import { Command, CommanderError, Option } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { type Effects, type VisibleEffects, visibleEffects } from './effects.ts'

/** Runs one command line (without `node` and the script) and returns the exit code. Never throws. */
export async function run(args: readonly string[], machine: Effects): Promise<ExitCode> {
  const effects = visibleEffects(machine)
  let code: ExitCode = ExitCode.done
  const program = buildProgram(effects, (result) => {
    code = result
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    // Help and version end in a CommanderError of exit code 0; bad usage has been explained by then.
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? ExitCode.done : ExitCode.usage
    const { exitCodeOf, failureOf } = await import('./errors.ts')
    // One line for what people can mend; where we are at fault ourselves, all there is to know.
    effects.printFault(failureOf(error).detail)
    return exitCodeOf(error)
  }
}

function buildProgram(effects: VisibleEffects, done: (code: ExitCode) => void): Command {
  const program = new Command('presences-aggregator')
    .description(
      'Computes what each member owes for a day, from what the probes saw, and posts it.',
    )
    .version(buildVersion(packageJson.version))
    .exitOverride()
    .configureOutput({
      writeOut: (text) => effects.printText(text.trimEnd()),
      writeErr: (text) => effects.printFault(text.trimEnd()),
    })
    .addHelpText('after', EXIT_CODES)

  program
    .command('presences')
    .description('print "email amount" for a day; changes nothing')
    .argument('[date]', 'YYYY-MM-DD; today when left out')
    .option('--json', 'per member the slots, devices and locations behind the amount')
    .option('--macs', 'whole MAC addresses in the JSON')
    .option('--input <file...>', 'compute from these day or minute files, not from the store')
    .option('--members <file>', 'the member map from a file, not from the ticket server')
    .action(async (date: string | undefined, options) => {
      const { presencesCommand } = await import('./commands/presences-command.ts')
      done(await presencesCommand({ date, ...options }, effects))
    })

  program
    .command('upload')
    .description('the nightly job: compute today, post it, catch up; or the days given')
    .argument('[date]', 'YYYY-MM-DD; today when left out')
    .option('--from <date>', 'the first of several days')
    .option('--to <date>', 'the last of several days')
    .addOption(dryRun())
    .addOption(allowLower())
    .addOption(acceptMap())
    .action(async (date: string | undefined, options) => {
      const { uploadCommand } = await import('./commands/upload-command.ts')
      done(await uploadCommand({ date, ...options }, effects))
    })

  program
    .command('reupload')
    .description(
      "replay a device that was registered late: its owner's whole days are computed again",
    )
    .argument('[mac]', 'in any usual spelling')
    .option('--proposal <number>', 'not a MAC: the device and days that a night proposed')
    .option('--period <period>', 'YYYY, YYYY-MM, YYYY-MM-DD or D..D; this year when left out')
    .addOption(dryRun())
    .addOption(allowLower())
    .addOption(acceptMap())
    .action(async (mac: string | undefined, options) => {
      const { reuploadCommand } = await import('./commands/reupload-command.ts')
      done(await reuploadCommand({ mac, ...options }, effects))
    })

  program
    .command('rollup')
    .description('bring rollups up to date')
    .option('--from <date>', 'the first day; today when left out')
    .option('--to <date>', 'the last day; today when left out')
    .action(async (options) => {
      const { rollupCommand } = await import('./commands/rollup-command.ts')
      done(await rollupCommand(options, effects))
    })

  program
    .command('explain')
    .description('the evidence of one charge, in words')
    .argument('<date>', 'YYYY-MM-DD')
    .argument('<email>', 'as at the ticket server')
    .option('--json', 'as JSON')
    .option('--svg', 'as a picture: the day from opening to closing, one bar a device')
    .option('--macs', 'whole MAC addresses')
    .option('--lang <lang>', 'en or fr', 'en')
    .action(async (date: string, email: string, options) => {
      const { explainCommand } = await import('./commands/explain-command.ts')
      done(await explainCommand({ date, email, ...options }, effects))
    })

  program
    .command('close')
    .description("end what can't be done for a member and day: no run tells of it, or posts it")
    .argument('<date>', 'YYYY-MM-DD')
    .argument('<email>', 'as at the ticket server, or the name as a run tells it')
    .requiredOption('--because <text>', 'why; kept with the day, and explained')
    .option('--by <who>', 'who says so; you when left out')
    .option('--undo', 'reopen what was closed', false)
    .addOption(dryRun())
    .action(async (date: string, email: string, options) => {
      const { closeCommand } = await import('./commands/close-command.ts')
      done(await closeCommand({ date, email, ...options }, effects))
    })

  program
    .command('withdraw')
    .description('take evidence out of account without deleting it, or give it back')
    .option('--location <name>', 'the room')
    .option('--probe <id>', 'one probe of it; all of them when left out')
    .option('--from <time>', 'YYYY-MM-DDTHH:MM, or a day: the first minute that does not count')
    .option('--to <time>', 'the first minute that counts again')
    .option('--because <text>', 'why; kept, and explained')
    .option('--by <who>', 'who says so; you when left out')
    .option('--restore', 'give back what was withdrawn', false)
    .option('--list', 'what is withdrawn, and what was given back', false)
    .addOption(dryRun())
    .action(async (options) => {
      const { withdrawCommand } = await import('./commands/withdraw-command.ts')
      done(await withdrawCommand(options, effects))
    })

  program
    .command('ledger')
    .description('what was charged, and why')
    .command('rebuild')
    .description('make it again from what the ticket server has, where it is lost or old')
    .option('--from <date>', 'the first day; the first that was charged, when left out')
    .option('--to <date>', 'the last day; today when left out')
    .addOption(dryRun())
    .action(async (options) => {
      const { rebuildLedgerCommand } = await import('./commands/rebuild-ledger-command.ts')
      done(await rebuildLedgerCommand(options, effects))
    })

  const members = program.command('members').description('what is known of who had which device')
  members
    .command('import-audit')
    .description("rebuild older history from the ticket server's audit trail")
    .option('--from <date>', 'the first day of the trail', '2024-10-01')
    .addOption(dryRun())
    .action(async (options) => {
      const { importAuditCommand } = await import('./commands/import-audit-command.ts')
      done(await importAuditCommand(options, effects))
    })
  members
    .command('rebuild')
    .description(
      'make it again from the ledgers, the audit trail and the map, where it is lost or old',
    )
    .addOption(acceptMap())
    .addOption(dryRun())
    .action(async (options) => {
      const { rebuildCommand } = await import('./commands/rebuild-command.ts')
      done(await rebuildCommand(options, effects))
    })
  members
    .command('rewind')
    .description('take back a member map of a day to come, which a wrong clock has left')
    .addOption(dryRun())
    .action(async (options) => {
      const { rewindCommand } = await import('./commands/rewind-command.ts')
      done(await rewindCommand(options, effects))
    })

  program
    .command('probes')
    .description("each location's probe: when it was last heard, and how much it looked")
    .option('--json', 'as JSON')
    .option('--alert', 'tell ALERT_WEBHOOK_URL of a silent probe, once, and when it is back')
    .action(async (options) => {
      const { probesCommand } = await import('./commands/probes-command.ts')
      done(await probesCommand(options, effects))
    })

  const locations = program.command('locations').description('which rooms charge')
  locations
    .command('list', { isDefault: true })
    .description('those that are known, that wait for somebody to accept them, or are ignored')
    .action(async () => {
      const { locationsCommand } = await import('./commands/locations-command.ts')
      done(await locationsCommand(effects))
    })
  locations
    .command('accept')
    .description("charge a new room: say that it is the space's")
    .argument('<name>', 'of its folder in the bucket, PROBE_LOCATION of its box')
    .option('--by <who>', 'who says so; you when left out')
    .addOption(dryRun())
    .action(async (name: string, options) => {
      const { acceptCommand } = await import('./commands/locations-command.ts')
      done(await acceptCommand({ name, ...options }, effects))
    })

  program
    .command('heartbeat')
    .description('tell the ticket server whose devices are here now')
    .addOption(dryRun())
    .action(async (options) => {
      const { heartbeatCommand } = await import('./commands/heartbeat-command.ts')
      done(await heartbeatCommand(options, effects))
    })

  program
    .command('serve')
    .description('run the HTTP service')
    .action(async () => {
      const { serveCommand } = await import('./commands/serve-command.ts')
      done(await serveCommand(effects))
    })

  program
    .command('doctor')
    .description('check configuration, bucket, ticket server and clock, and say what to do')
    .option('--json', 'as JSON')
    .action(async (options) => {
      const { doctorCommand } = await import('./commands/doctor-command.ts')
      done(await doctorCommand(options, effects))
    })

  return program
}

function allowLower(): Option {
  return new Option(
    '--allow-lower',
    'post an amount lower than what was charged, where the cause is known',
  ).default(false)
}

function acceptMap(): Option {
  return new Option(
    '--accept-map',
    'take a member map that lost more than half of its devices',
  ).default(false)
}

const EXIT_CODES = `
Exit codes: 0 done; 1 done in part, what failed is listed; 2 bad usage or configuration;
3 could not work: bucket or ticket server unreachable, member map refused.`

function dryRun(): Option {
  return new Option('--dry-run', 'the same output, nothing is sent or written').default(false)
}
