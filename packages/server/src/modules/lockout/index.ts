export { lockoutErrors } from './lockout.errors.ts'
export { Lockout } from './lockout.service.ts'
