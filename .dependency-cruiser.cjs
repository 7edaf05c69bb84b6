// What the boundary rule of the linter cannot see: the order inside a project.
const test = '[.]test[.]ts$|^(libs|services|apps)/[^/]+/test/|^(deploy/[^/]+|bench)/test/|/src/testing/'
/** What is run and never imported. */
const started = '/src/(index|main)[.]ts$|^services/[^/]+/bin/|^deploy/docker/health[.]mjs$|^vitest[.]config[.]ts$'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Two files that need one another are one file, or miss a third. Types count: a reader follows them too.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'main-is-nobodys',
      comment:
        'main.ts reads the environment and installs signal handlers when it is loaded: it is started, not imported.',
      severity: 'error',
      from: {},
      to: { path: '/src/main[.]ts$' },
    },
    {
      name: 'no-orphan',
      comment: 'A file that nothing reaches and that reaches nothing is dead.',
      severity: 'error',
      from: { orphan: true, pathNot: `${test}|${started}` },
      to: {},
    },
    {
      name: 'no-tests-in-sources',
      severity: 'error',
      from: { path: '^(libs|services|apps|deploy|bench|faults|simulation)/', pathNot: test },
      to: { path: test },
    },
    {
      name: 'rules-know-no-disk',
      comment: 'decide and apply are the same on every replica and in every store: they see the port, never LevelDB.',
      severity: 'error',
      from: { path: ['^libs/engine/src/(command|event)/', '^libs/engine/src/.*/(decide|apply)[^/]*[.]ts$'] },
      to: { path: '^libs/engine/src/store/level-[^/]*[.]ts$', reachable: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '(^|/)dist/|^tools/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@waggle/source', 'import', 'node', 'types', 'default'],
    },
  },
}
