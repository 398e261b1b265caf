import type { Config } from '../../config/config.ts'
import { Arrivals, type ArrivalsDependencies } from './arrivals.ts'
import { BrowserReports, type BrowserReportsDependencies } from './browser-reports.service.ts'

export { browserCheckRoutes } from './browser-check.routes.ts'
export type { BrowserReports } from './browser-reports.service.ts'

export function buildBrowserCheck(
  deps: BrowserReportsDependencies & Pick<ArrivalsDependencies, 'cookies'> & { config: Config },
) {
  const { publicUrl, trustedProxies, doctorPage } = deps.config
  return {
    browserReports: new BrowserReports(deps),
    arrivals: new Arrivals({ publicUrl, trustedProxies, cookies: deps.cookies, now: deps.now }),
    isDoctorOpen: doctorPage,
  }
}
