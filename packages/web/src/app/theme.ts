import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

/** Contrast is AA at the shades in use: white on accent 7, gray 6 on the page, dark 2 on dark 6. */
const accent: MantineColorsTuple = [
  '#eaf6f3',
  '#d3ebe5',
  '#a9d8cd',
  '#7bc3b3',
  '#53b09d',
  '#339b87',
  '#188a75',
  '#0c7565',
  '#0a6356',
  '#074f45',
]
const gray: MantineColorsTuple = [
  '#faf9f7',
  '#f4f2ee',
  '#eae7e1',
  '#dedad2',
  '#c9c4ba',
  '#a29d93',
  '#67635b',
  '#514e47',
  '#35332e',
  '#1f1e1b',
]
const dark: MantineColorsTuple = [
  '#e6eae8',
  '#c8cecb',
  '#a3aba7',
  '#838c88',
  '#4a524f',
  '#323936',
  '#222826',
  '#181d1b',
  '#121614',
  '#0c0f0e',
]

const fontFamily = "Figtree, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif, 'Noto Color Emoji'"

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: 7,
  colors: { accent, gray, dark },
  fontFamily,
  headings: {
    fontFamily,
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.75rem', lineHeight: '1.25' }, h2: { fontSize: '1.1875rem', lineHeight: '1.35' } },
  },
  radius: { xs: '4px', sm: '8px', md: '10px', lg: '16px', xl: '28px' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'md' } },
    TextInput: { defaultProps: { size: 'md' } },
    Textarea: { defaultProps: { size: 'md' } },
    Select: { defaultProps: { size: 'md' } },
    Modal: { defaultProps: { centered: true, radius: 'lg', padding: 'xl' } },
  },
})

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f8f7f4',
    '--mantine-color-text': '#211f1b',
    '--mantine-color-bright': '#211f1b',
    '--mantine-color-dimmed': 'var(--mantine-color-gray-6)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-6)',
    '--mantine-color-error': '#b42318',
    '--mantine-color-anchor': 'var(--mantine-color-accent-8)',
  },
  dark: {
    '--mantine-color-body': '#141816',
    '--mantine-color-dimmed': 'var(--mantine-color-dark-2)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-2)',
    '--mantine-color-error': '#ff9a8d',
    '--mantine-color-anchor': 'var(--mantine-color-accent-3)',
  },
})
