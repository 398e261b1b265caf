import { useTranslation } from 'react-i18next'
import { FormAlert } from '../accounts/form-alert.tsx'
import { providerErrorText } from './provider-error-text.ts'

/** Why a sign-in through another site did not work, as the address says it. */
export default function ProviderError({ code }: { code: string }) {
  const { t } = useTranslation()
  return <FormAlert kind="error">{providerErrorText(code, t)}</FormAlert>
}
