// Who may import whom (architecture: "Direction"). Type imports count. Each rule's comment is what its breaker reads.
const src = '^packages/server/src'
const tests = '[.]test[.]tsx?$|^packages/[^/]+/test/'
const packages = (...names) => names.map((name) => `node_modules/(@types/)?${name}/`)

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })
const onlyIn = (name, where, ...modules) =>
  forbid(
    name,
    `Only ${where} imports it.`,
    { path: '^packages/', pathNot: [where, tests] },
    { path: packages(...modules) },
  )
const onlyOneFile = (name) => ({
  name: `one-importer: ${name}`,
  comment: 'One file imports this package and the others import that file.',
  severity: 'error',
  from: { path: '^packages/', pathNot: tests },
  module: { path: packages(name), numberOfDependentsMoreThan: 1 },
})

export default {
  forbidden: [
    forbid('no-circle', 'Files must not import each other in a circle, not even types.', {}, { circular: true }),
    forbid('resolvable', 'The import leads nowhere.', {}, { couldNotResolve: true }),
    forbid(
      'declared',
      'The package is not in the dependencies of the package.json beside it.',
      { path: '^packages/[^/]+/src/', pathNot: tests },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'tests-stay-outside',
      'Product code does not import tests.',
      { path: '/src/', pathNot: tests },
      { path: tests },
    ),

    forbid(
      'platform-knows-no-module',
      'Modules stand on the platform, never the other way round.',
      { path: `${src}/platform/`, pathNot: tests },
      { path: `${src}/(modules/|app[.]ts|services[.]ts|main[.]ts|cli[.]ts)` },
    ),
    forbid(
      'config-knows-no-module',
      'Config is read before anything is built.',
      { path: `${src}/config/`, pathNot: tests },
      { path: `${src}/(modules/|app[.]ts|services[.]ts|main[.]ts|cli[.]ts)` },
    ),
    forbid(
      'modules-know-no-app',
      'Modules get what they need as arguments.',
      { path: `${src}/modules/`, pathNot: tests },
      { path: `${src}/(app|services|main|cli)[.]ts$` },
    ),
    forbid(
      'through-the-door',
      'Another module is reached through its index.ts only.',
      { path: `${src}/modules/([^/]+)/`, pathNot: tests },
      { path: `${src}/modules/`, pathNot: [`${src}/modules/$1/`, `${src}/modules/[^/]+/index[.]ts$`] },
    ),
    forbid(
      'through-the-door-from-outside',
      'A module is reached through its index.ts only.',
      { path: '^packages/', pathNot: [`${src}/modules/`, tests] },
      { path: `${src}/modules/`, pathNot: `${src}/modules/[^/]+/index[.]ts$` },
    ),

    forbid(
      'schema',
      'A schema imports the platform, typebox, schemas of its own module, and what other modules show at their door.',
      { path: `${src}/modules/([^/]+)/.*[.]schema[.]ts$` },
      {
        pathNot: [
          `${src}/platform/`,
          ...packages('typebox'),
          `${src}/modules/$1/.*[.]schema[.]ts$`,
          `${src}/modules/[^/]+/index[.]ts$`,
        ],
      },
    ),
    forbid(
      'errors',
      'A table of errors imports platform/errors only.',
      { path: `${src}/modules/.*[.]errors[.]ts$` },
      { pathNot: `${src}/platform/` },
    ),
    forbid(
      'repository',
      'A repository knows SQL and its own schema: no service, no transport.',
      { path: `${src}/.*[.]repository[.]ts$` },
      { path: ['[.](service|routes|socket)[.]ts$', ...packages('@?fastify', '@?socket[.]io')] },
    ),
    forbid(
      'repository-stays-in-its-module',
      'A repository uses no other module; its service does.',
      { path: `${src}/modules/([^/]+)/.*[.]repository[.]ts$` },
      { path: `${src}/modules/`, pathNot: `${src}/modules/$1/` },
    ),
    forbid(
      'service',
      'A service has two transports and knows neither.',
      { path: `${src}/.*[.]service[.]ts$` },
      { path: ['[.](routes|socket)[.]ts$', ...packages('@?fastify', '@?socket[.]io')] },
    ),
    forbid(
      'transport',
      'Routes and sockets call the service; SQL is not theirs, nor is the other transport.',
      { path: `${src}/.*[.](routes|socket)[.]ts$` },
      { path: ['[.]repository[.]ts$', '[.](routes|socket)[.]ts$', ...packages('kysely')] },
    ),

    onlyIn(
      'socket.io',
      `${src}/platform/realtime/(realtime-server|stream-rooms|fan-out([.]test)?)[.]ts$`,
      '@?socket[.]io',
    ),
    onlyIn('socket.io-client', '^packages/client/', 'socket[.]io-client'),
    onlyIn('drivers', `${src}/platform/db/dialects/`, 'better-sqlite3', 'pg', 'pg-cursor', 'mysql2'),
    ...[
      'jose',
      '@node-rs/argon2',
      'nodemailer',
      'otpauth',
      'qrcode-generator',
      '@simplewebauthn/server',
      '@node-rs/bcrypt',
      'csv-parse',
      'ioredis',
      'sharp',
      'prom-client',
    ].map(onlyOneFile),

    forbid(
      'browser-knows-no-server',
      'The web app and the client talk to the server, they are not made of it.',
      { path: '^packages/(web|client)/', pathNot: tests },
      { path: '^packages/server/' },
    ),
    forbid(
      'web-through-the-client',
      'The web app uses @atrium/client by its name.',
      { path: '^packages/web/' },
      { path: '^packages/client/', pathNot: '^packages/client/src/index[.]ts$' },
    ),
    forbid(
      'server-knows-no-browser',
      'The server serves the web app as files.',
      { path: '^packages/server/src/', pathNot: tests },
      { path: '^packages/(web|client)/' },
    ),
    forbid(
      'runs-in-browsers',
      'Code for browsers has no Node modules.',
      { path: '^packages/(web|client)/src/', pathNot: tests },
      { dependencyTypes: ['core'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/[^/]+/dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['atrium-client-source', 'import', 'node', 'default', 'types'],
    },
  },
}
