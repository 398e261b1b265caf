/** What a user agent says of the device, as keys of words or as names that are the same in every language. */
export interface Device {
  browser: string | undefined
  system: 'android' | 'windows' | 'chromeOs' | 'phone' | 'tablet' | 'mac' | 'linux' | undefined
  isHandheld: boolean
}

// The order matters: Edge and Opera also say Chrome, Chrome also says Safari, Android also says Linux.
const browsers: [RegExp, string][] = [
  [/\bEdg(A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(HeadlessChrome|Chrome|CriOS)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
]

const systems: [RegExp, NonNullable<Device['system']>][] = [
  [/\bAndroid\b/, 'android'],
  [/\biPhone\b|\biPod\b/, 'phone'],
  [/\biPad\b/, 'tablet'],
  [/\bWindows\b/, 'windows'],
  [/\bCrOS\b/, 'chromeOs'],
  [/\bMacintosh\b|\bMac OS X\b/, 'mac'],
  [/\bLinux\b|\bX11\b/, 'linux'],
]

const first = <Name>(rules: [RegExp, Name][], userAgent: string): Name | undefined =>
  rules.find(([pattern]) => pattern.test(userAgent))?.[1]

export function deviceOf(userAgent: string): Device {
  const system = first(systems, userAgent)
  return {
    browser: first(browsers, userAgent),
    system,
    isHandheld: system === 'android' || system === 'phone' || system === 'tablet',
  }
}
