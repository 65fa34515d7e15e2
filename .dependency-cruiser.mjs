/**
 * Who may import whom. `pnpm lint` checks it, `infra/imports.test.ts` breaks every rule once. Types count like
 * values, `import()` like `import`, and `@presences/…` like the file that it names.
 */

/**
 * The rooms of a folder, from the top floor down: a room imports only from those below it. A new room gets its
 * line here, where its imports allow.
 */
export const FLOORS = {
  'aggregator/src': [
    ['main.ts', 'starts the program'],
    ['cli.ts', 'names the commands and their options'],
    ['commands', 'one file a command: all that only the terminal needs'],
    ['http', 'the service: one file a group of routes'],
    ['wiring.ts', 'puts adapters together from the configuration'],
    ['effects.ts', 'what is taken from the machine'],
    ['config.ts', 'what the environment may say'],
    ['errors.ts', 'what each failure means to who asked: it knows whatever is thrown below'],
    ['nightly', 'the one sentence of a night'],
    ['reports', 'what a run says, in lines'],
    ['timeline', 'the picture of a day'],
    ['explain', 'why a day costs what it does, in words'],
    ['probes', 'is each box alive'],
    ['charging', 'the story: read a day, plan it, settle it, catch up, replay'],
    ['rooms', 'which rooms charge'],
    ['ledger', 'what was decided and posted, and why'],
    ['presence', 'who was there, in which slots'],
    ['members', 'who owns which device, and did on each day'],
    ['tickets', 'the ticket server'],
    ['withdrawal', 'evidence that people took out of account'],
    ['rollup', 'the minutes of a day, in one object'],
    ['alerts', 'tells people of what began and what ended'],
    ['store', 'the bucket, or a folder'],
    ['arguments', 'what a person asks for: a period, a device'],
    ['domain', 'small values that many rooms need'],
    ['runtime', 'nothing of our trade: log, retries'],
  ],
  'probe/src': [
    ['main.ts', 'starts the program'],
    ['cli.ts', 'names the commands and their options'],
    ['commands.ts', 'what each command prints, and its exit code'],
    ['doctor', 'what is wrong with the box, and what to do'],
    ['ship', 'the spool to the bucket'],
    ['wiring.ts', 'puts scanners, spool and clock together from the configuration'],
    ['config.ts', 'what the environment may say'],
    ['record', 'the story of a minute: clock, scan, file'],
    ['scan', 'which devices are here: a folder for each scanner'],
    ['clock', 'may the clock be believed'],
    ['spool', 'minute files until they are shipped'],
    ['machine.ts', 'what is taken from the machine'],
    ['runtime', 'nothing of our trade: running programs, small memories'],
  ],
  'infra/simulation': [
    ['simulate.ts', 'starts it'],
    ['run', 'many worlds, side by side'],
    ['simulation.ts', 'one world from its first day to the judge'],
    ['life', 'what happens as the days pass'],
    ['judge', 'what should be, against what is stored'],
    ['space', 'a space with its rooms, bucket and ticket server'],
    ['box', 'the boxes, and what befalls them'],
    ['tickets', 'the line to the ticket server'],
    ['bucket', 'the line to the bucket'],
    ['world', 'people, devices, and the truth'],
    ['mutants', 'the programs, broken on purpose'],
    ['faults', 'the kinds of fault, and which a seed has'],
    ['runtime', 'virtual time, programs, trails'],
  ],
  'infra/fuzz': [
    ['fuzz.ts', 'starts it'],
    ['run', 'many inputs, side by side'],
    ['targets', 'one for each reader'],
    ['engine', 'makes inputs, watches what comes of them'],
  ],
}

const TESTS = '\\.test\\.ts$'
const SOURCES = '^(shared|probe|aggregator)/src/'

/** What only computes: the same answer for the same question, whatever the machine, the hour and the network. */
const PURE = [
  '^aggregator/src/(domain|arguments|timeline)/',
  '^aggregator/src/explain/(?!explain-day\\.ts)',
  '^aggregator/src/presence/(?!who-is-here\\.ts)',
  '^aggregator/src/nightly/nightly-line\\.ts$',
  '^aggregator/src/rooms/rooms\\.ts$',
  '^aggregator/src/ledger/(decide|lower-cause|ledger)\\.ts$',
  '^aggregator/src/members/(?!history-store\\.ts)',
  '^aggregator/src/rollup/(day-rollup|raw-object|minute-set|file-versions|rollup-codec)\\.ts$',
  '^aggregator/src/tickets/(audit/(answer|corrections|devices)|http/json-answer|tickets)\\.ts$',
  '^aggregator/src/store/versioned-object\\.ts$',
  '^aggregator/src/withdrawal/(mask|withdrawals|withdrawn-codec)\\.ts$',
  '^aggregator/src/probes/(cause-log|location-health|probe-causes|probe-lines)\\.ts$',
]

export default {
  forbidden: [
    {
      name: 'every import is found',
      comment: 'An import that leads nowhere is one that no rule here sees.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no circles',
      comment: 'Files that import each other can only be read, tested and moved together.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing lies about',
      comment:
        'A file that imports nothing and that nothing imports is forgotten. Tools load the reporter by its path.',
      severity: 'error',
      from: { orphan: true, pathNot: ['^infra/ci/.*-reporter\\.ts$', TESTS] },
      to: {},
    },
    {
      name: 'nothing imports main.ts',
      comment: 'It starts the program as it is loaded.',
      severity: 'error',
      from: {},
      to: { path: '/main\\.ts$' },
    },
    {
      name: 'nothing imports a test',
      comment: 'Its tests would run in the other one too. What two tests need stands in testing/.',
      severity: 'error',
      from: {},
      to: { path: TESTS },
    },
    {
      name: 'programs need no test support',
      comment: 'What is shipped holds nothing that is there for tests.',
      severity: 'error',
      from: { path: SOURCES, pathNot: TESTS },
      to: { path: '/testing/' },
    },
    {
      name: 'shared stands alone',
      comment: 'Both programs carry it: on the box each package more is paid 1,440 times a day.',
      severity: 'error',
      from: { path: '^shared/src/', pathNot: TESTS },
      to: {
        pathNot: [
          '^shared/src/',
          packages('zod', '@date-fns/(tz|utc)', 'date-fns'),
          '^(node:)?util$',
        ],
      },
    },
    {
      name: 'the probe knows no aggregator',
      comment:
        'The bucket lies between them: they agree on minute files (shared), on nothing else.',
      severity: 'error',
      from: { path: '^probe/' },
      to: { path: '^(aggregator|infra)/' },
    },
    {
      name: 'the aggregator knows no probe',
      comment:
        'The bucket lies between them: they agree on minute files (shared), on nothing else.',
      severity: 'error',
      from: { path: '^aggregator/' },
      to: { path: '^(probe|infra)/' },
    },
    {
      name: 'decisions are pure',
      comment:
        'What decides a charge, or says why, can be tried with a table of values: no file, network, clock or SDK.',
      severity: 'error',
      from: { path: PURE, pathNot: TESTS },
      to: {
        // A codec packs; util tells how wide a character is. Types have no effects.
        pathNot: [
          '^shared/src/',
          ...PURE,
          packages('zod', '@date-fns/(tz|utc)', 'date-fns'),
          '^(node:)?(util|zlib)$',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'one room knows S3',
      comment:
        'Another bucket, or another SDK, is a change of one folder; and whatever needs no bucket loads none of it.',
      severity: 'error',
      from: { path: SOURCES, pathNot: '^aggregator/src/store/s3/' },
      to: { path: packages('@aws-sdk/[^/]+', '@smithy/[^/]+') },
    },
    {
      name: 'one file knows which stores there are',
      comment:
        'All others speak to the port, store.ts: so a dry run, a test or a third store is a value.',
      severity: 'error',
      from: {
        path: SOURCES,
        pathNot: ['^aggregator/src/store/((s3|folder)/|open-store\\.ts$)', TESTS],
      },
      to: { path: '^aggregator/src/store/(s3|folder)/' },
    },
    {
      name: 'one room knows HTTP',
      comment: 'What a route does, a command does too: nothing below may know which of them asked.',
      severity: 'error',
      from: {
        path: SOURCES,
        pathNot: '^aggregator/src/(http/|commands/serve-command\\.ts$)',
      },
      to: { path: packages('hono', '@hono/[^/]+') },
    },
    {
      name: 'languages stay where words are',
      comment:
        'A date is worded with the sentence that it stands in: a language is added in one place.',
      severity: 'error',
      from: { path: SOURCES, pathNot: ['/words-[a-z]+\\.ts$', TESTS] },
      to: { path: '(^|/)node_modules/date-fns/locale' },
    },
    {
      name: 'the judge has its own eyes',
      comment: 'A judge that reads with the code it judges shares its mistakes.',
      severity: 'error',
      from: {
        path: '^infra/simulation/(judge/|world/truth\\.ts$|bucket/stored-objects\\.ts$|runtime/civil-time\\.ts$)',
        pathNot: TESTS,
      },
      to: { path: '^(shared|probe|aggregator)/' },
    },
    ...Object.entries(FLOORS).flatMap(([folder, rooms]) => floorRules(folder, rooms)),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|testdata)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}

/** Packages, wherever pnpm puts them. */
function packages(...names) {
  return `(^|/)node_modules/(${names.join('|')})/`
}

/** One rule for each room: it imports nothing of the rooms above. And one for a room that is in no line. */
function floorRules(folder, rooms) {
  const inside = ([name]) =>
    `^${folder}/${name.replace('.', '\\.')}${name.endsWith('.ts') ? '$' : '/'}`
  const rules = rooms.slice(1).map(([name, what], above) => ({
    name: `${folder}/${name} knows nothing above it`,
    comment: `${name} ${name.endsWith('.ts') ? '' : '(the folder) '}stands for: ${what}. It serves what stands above, and would drag it along.`,
    severity: 'error',
    from: { path: inside([name]), pathNot: TESTS },
    to: { path: rooms.slice(0, above + 1).map(inside) },
  }))
  const place = {
    name: `each room of ${folder} has its floor`,
    comment:
      'A room that is in no line of FLOORS (.dependency-cruiser.mjs) is held to nothing: add its line.',
    severity: 'error',
    from: { path: `^${folder}/`, pathNot: [...rooms.map(inside), TESTS] },
    to: {},
  }
  return [...rules, place]
}
