"""A persistent map is a dict whose older versions stay."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dynschema.runtime.persistent_map import PersistentMap

CHANGES = st.lists(st.dictionaries(st.integers(0, 300), st.none() | st.integers()))


@settings(deadline=None)
@given(CHANGES)
def test_every_version_is_what_a_dict_would_be(steps):
    maps, dicts = [PersistentMap()], [{}]

    for changes in steps:
        maps.append(maps[-1].changed(changes))
        both = {**dicts[-1], **changes}
        dicts.append({key: value for key, value in both.items() if value is not None})

    assert [dict(each) for each in maps] == dicts
    assert [list(each) for each in maps] == [sorted(each) for each in dicts]
    assert [len(each) for each in maps] == [len(each) for each in dicts]


def test_versions_share_what_stays():
    first = PersistentMap().changed({number: number for number in range(5000)})

    second = first.changed({7: 8})

    different = [a for a, b in zip(first._shards, second._shards, strict=True) if a is not b]
    assert len(different) == 1
