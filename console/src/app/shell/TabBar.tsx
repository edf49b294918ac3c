import { Link } from 'wouter';
import { useText } from '../../i18n';
import { Icon } from '../../ui/Icon';
import { Menu, type MenuItem } from '../../ui/Menu';
import { messages } from '../messages';
import { PAGES, type PageName } from '../pages';
import { useLooks } from './looks';
import { Badge, useCurrentPage } from './Nav';

/** The pages that somebody with a phone comes for; the others are behind 更多. */
const TABS: readonly PageName[] = ['overview', 'departments', 'matching', 'messages'];

/** The navigation at the bottom of a narrow window. */
export function TabBar() {
  const t = useText(messages);
  const current = useCurrentPage();
  const looks = useLooks();
  const more: MenuItem[] = [
    ...PAGES.filter(({ name }) => !TABS.includes(name)).map(
      ({ name, icon }): MenuItem => ({
        icon,
        href: `/${name}`,
        text: (
          <span className="row">
            {t(`nav.${name}`)} <Badge page={name} />
          </span>
        ),
      }),
    ),
    // A page of its own, in this tab, which has the token.
    { icon: 'code', text: t('nav.graphiql'), onSelect: () => location.assign('/graphiql') },
    ...looks,
  ];

  return (
    <nav className="tabbar" aria-label={t('nav')}>
      {PAGES.filter(({ name }) => TABS.includes(name)).map(({ name, icon }) => (
        <Link key={name} href={`/${name}`} aria-current={current === name ? 'page' : undefined}>
          <Icon name={icon} size={20} />
          {name === 'departments' ? t('nav.departments.short') : t(`nav.${name}`)}
          <Badge page={name} />
        </Link>
      ))}
      <Menu
        className="tab-more"
        kind="quiet"
        name={t('nav.more')}
        align="end"
        icon="more"
        text={t('nav.more')}
        items={more}
      />
    </nav>
  );
}
