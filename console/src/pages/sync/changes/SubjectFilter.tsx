import { useState } from 'react';
import { useText } from '../../../i18n';
import { FoundList, FoundRow, keyOf, useFind } from '../../../shared/find';
import { TextField } from '../../../ui/fields';
import { useCombobox } from '../../../ui/useCombobox';
import { messages } from '../messages';

/** A person or a department to filter by, found as the search box finds them. */
export function SubjectFilter({ onChoose }: { onChoose: (filter: 'user' | 'dept', id: string) => void }) {
  const t = useText(messages);
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const { hits } = useFind(text);

  const choose = (index: number) => {
    const item = hits[index]?.item;
    if (!item) return;
    if (item.__typename === 'User') onChoose('user', item.userId);
    else onChoose('dept', item.deptId);
    setText('');
    setOpen(false);
  };
  const box = useCombobox({
    count: hits.length,
    open,
    onOpen: setOpen,
    onChoose: choose,
    onClear: () => setText(''),
    name: t('filter.subject'),
  });

  return (
    <div className="subject-filter found-place">
      <TextField
        label={t('filter.subject')}
        labelHidden
        placeholder={t('filter.subject.hint')}
        value={text}
        onChange={(value) => {
          setText(value);
          setOpen(value.trim() !== '');
          box.reset(0);
        }}
        onBlur={() => setOpen(false)}
        {...box.input}
      />
      <FoundList
        combobox={box}
        open={open}
        options={hits.map((hit) => ({ key: keyOf(hit), content: <FoundRow hit={hit} /> }))}
      />
    </div>
  );
}
