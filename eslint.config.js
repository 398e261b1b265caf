// Only the rules that need types or this project's own knowledge; everything else is Biome's.
import tseslint from 'typescript-eslint'

const processRule =
  'Only main.ts, its serve.ts and workers.ts, and cli.ts know the process: take it as an argument or from Config.'

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/generated/**'] },
  {
    files: ['packages/*/{src,test}/**/*.{ts,tsx}'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
    },
  },
  {
    files: ['packages/server/src/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'CallExpression > MemberExpression.callee[property.name=/^(returning|returningAll|output|outputAll)$/]',
          message: 'MariaDB answers RETURNING with a count or a syntax error: make the row in the service instead.',
        },
      ],
    },
  },
  {
    files: ['packages/server/src/**/*.ts'],
    // The meter reads how much memory the process takes, which is no setting.
    ignores: [
      'packages/server/src/{main,serve,workers,cli}.ts',
      'packages/server/src/platform/measure/process-meter.ts',
      'packages/server/src/**/*.test.ts',
    ],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'process', message: processRule },
        { name: 'console', message: 'Take the logger as an argument.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'globalThis', property: 'process', message: processRule },
        { object: 'globalThis', property: 'console', message: 'Take the logger as an argument.' },
      ],
      'no-restricted-imports': [
        'error',
        { name: 'node:process', message: processRule },
        { name: 'process', message: processRule },
        { name: 'node:console', message: 'Take the logger as an argument.' },
      ],
    },
  },
)
