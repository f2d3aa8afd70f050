"""Every motion that a page shows is the one that the model of motion has."""

from itertools import chain, pairwise

import pytest

from pagereel.scenes.page.bake import SCREENS
from pagereel.scenes.pictures.compose import compose_beats
from pagereel.scenes.shapes.motion import derive
from pagereel.scenes.shapes.picture import Formula, Path, Pattern, Rect, Text
from pagereel.scenes.style import THEMES, paint

from places import ROOT

FOX = ROOT / "storyboards/01-the-quick-brown-fox.yaml"
SLACK = 0.02
"""How far a browser may draw from where the model of motion has a shape, in canvas pixels."""

READ = """
const numbers = text => (text.match(/-?[\\d.]+(?:e-?\\d+)?/g) ?? []).map(Number);
const colour = (node, name) => {
  const value = node.getAttribute(name);
  if (!value || value === 'none') return [0, 0, 0, 0];
  return [...numbers(value).map(c => c / 255), Number(node.getAttribute(name + '-opacity') ?? 1)];
};
player.stage.between(arg.picture, arg.time);
return [...player.stage.svg.querySelectorAll('.layer > *')]
  .filter(root => Number(root.getAttribute('opacity')) > 0)
  .map(root => {
    const base = root.tagName === 'g' ? root.firstChild : root;
    const at = name => Number(base.getAttribute(name));
    const found = { key: root.dataset.key, opacity: Number(root.getAttribute('opacity')) };
    if (base.dataset.kind === 'formula') return { ...found, place: [], ink: colour(base, 'fill') };
    if (base.tagName === 'rect') return { ...found,
      place: [at('x'), at('y'), at('width'), at('height')],
      ink: [...colour(base, 'fill'), ...colour(base, 'stroke')],
      pattern: root !== base && root.lastChild.getAttribute('fill') !== 'none' };
    if (base.tagName === 'text') return { ...found, words: base.textContent,
      place: [at('x'), at('y'), at('font-size')], ink: colour(base, 'fill') };
    return { ...found, place: numbers(base.getAttribute('d')).slice(0, 2),
      ink: colour(base, 'stroke') };
  });
"""


def expected(shape):
    """What a shape of the model of motion must look like in the browser."""
    told = {"key": shape.key, "opacity": shape.opacity}
    match shape:
        case Rect():
            fill = shape.fill if shape.fill.a else (0, 0, 0, 0)
            stroke = shape.stroke if shape.stroke.a and shape.line else (0, 0, 0, 0)
            place = (*shape.box[:2], max(shape.box.w, 0), max(shape.box.h, 0))
            is_filled = shape.pattern in (Pattern.HATCH, Pattern.DOTS) and shape.pattern_ink.a > 0
            return told | {"place": place, "ink": (*fill, *stroke), "pattern": is_filled}
        case Text():
            place = (shape.x, shape.y, shape.size)
            return told | {"words": shape.text, "place": place, "ink": tuple(shape.ink)}
        case Path():
            return told | {"place": shape.points[0], "ink": tuple(shape.ink)}
        case Formula():
            return told | {"place": (), "ink": tuple(shape.ink)}


def differences(drawn, wanted):
    """Where a browser's shapes differ from the model's, in words."""
    if [shape["key"] for shape in drawn] != [shape["key"] for shape in wanted]:
        keys, known = [s["key"] for s in drawn], [s["key"] for s in wanted]
        yield f"drawn and not meant: {set(keys) - set(known)}; missing: {set(known) - set(keys)}"
        if sorted(keys) == sorted(known):
            yield "in another order"
        return
    for shape, meant in zip(drawn, wanted, strict=True):
        for name, value in meant.items():
            found = shape[name]
            pairs = zip(found, value, strict=True) if name in ("place", "ink") else [(found, value)]
            for one, other in pairs:
                same = abs(one - other) <= SLACK if isinstance(other, float | int) else one == other
                if not same:
                    yield f"{meant['key']}: {name} is {found}, not {value}"
                    break


@pytest.mark.parametrize(("screen", "times"), [("16:9", (0.13, 0.81)), ("phone", (0.45,))])
def test_every_motion_in_the_document_is_the_models(visit, played, screen, times):
    """Of one storyboard, in both canvases; what is drawn beside the picture does not count."""
    fox = visit()
    fox.player("player.screen.show(arg)", screen)
    beats = compose_beats(played[FOX], SCREENS[screen])
    pictures = [paint(p, THEMES["dark"]) for p in chain.from_iterable(beats)]
    found = []
    for i, (before, after) in enumerate(pairwise(pictures)):
        motion = derive(before, after)
        for time in times:
            drawn = fox.player(READ, {"picture": i, "time": time})
            wanted = [
                expected(shape)
                for shape in motion.at(time)
                if round(shape.opacity, 3) > 0 and not shape.key.startswith(("header/", "caption/"))
            ]
            found += [f"{i} at {time}: {text}" for text in differences(drawn, wanted)]
    assert found == []
