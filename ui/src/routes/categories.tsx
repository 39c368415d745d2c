import { CategoriesScreen } from '~/features/categories/categories-screen'

export default function CategoriesRoute() {
  return <CategoriesScreen />
}
