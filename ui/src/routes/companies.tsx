import { CompaniesScreen } from '~/features/companies/companies-screen'

export default function CompaniesRoute() {
  return <CompaniesScreen />
}
