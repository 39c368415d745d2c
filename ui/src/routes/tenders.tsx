import { TenderRegister } from '~/features/tenders/register'

export default function TendersScreen() {
  return <TenderRegister />
}
