import { model, type DemoDepartment } from './demo.types';

export const LEISURE: DemoDepartment = {
  name: 'Outdoor & Leisure',
  shelves: [
    {
      name: 'Tents',
      code: 'TNT',
      image: 'tent',
      variants: [{ name: '2 Persons' }, { name: '4 Persons', surcharge: 12_000 }],
      models: [
        model('Nomad Trekking Tent', 24_900, 'Double-wall tent under two kilograms that pitches in four minutes.'),
        model('Nomad Ultralight Tent', 39_900, 'Trekking-pole tent for those who count every gram.'),
        model('Meadow Family Tent', 29_900, 'Tall enough to stand in, with a room divider.'),
        model('Festival Pop-Up Tent', 8_900, 'Throw it, peg it, done.'),
        model('Polar Winter Tent', 54_900, 'Five poles and snow skirts for nights below zero.'),
      ],
    },
    {
      name: 'Bike Lights',
      code: 'BKL',
      image: 'bike-light',
      variants: [{ name: 'Front' }, { name: 'Rear' }, { name: 'Set', surcharge: 1_500 }],
      models: [
        model('Beacon Bike Light', 2_900, 'Bright, rechargeable, and on the bar without tools.'),
        model('Beacon Pro Bike Light', 5_900, 'Twice the light, with a beam that does not blind others.'),
        model('Firefly Clip-On Bike Light', 1_400, 'Clips to bag, helmet or seat post.'),
        model('Dynamo Bike Light', 4_900, 'Runs off the hub and keeps shining at the traffic light.'),
      ],
    },
    {
      name: 'Balls',
      code: 'BAL',
      image: 'ball',
      variants: [{ name: 'Size 4' }, { name: 'Size 5', surcharge: 300 }],
      models: [
        model('Match Football', 3_900, 'Seamless panels and true flight for league games.'),
        model('Street Football', 2_400, 'Tough cover for asphalt and gravel.'),
        model('Indoor Futsal Ball', 2_900, 'Low bounce for hall floors.'),
        model('Beach Volleyball', 2_700, 'Soft, hand-stitched and happy in salt water.'),
        model('Playground Basketball', 2_600, 'Deep grooves and a grip that outlasts the summer.'),
      ],
    },
    {
      name: 'Books',
      code: 'BOK',
      image: 'book',
      variants: [{ name: 'Paperback' }, { name: 'Hardcover', surcharge: 1_000 }],
      models: [
        model('The Sourdough Year', 2_400, 'Fifty-two breads, one for each week, and the patience they need.'),
        model('Small Gardens, Big Harvests', 2_200, 'How to grow vegetables on balconies and in back yards.'),
        model('Walking the Northern Coast', 1_900, 'Thirty day walks with maps, tides and places to eat.'),
        model('The Lighthouse Keeper', 1_600, 'A novel about three winters on an island and one letter.'),
        model('A Short History of Tea', 1_800, 'From mountain monasteries to the kitchen kettle.'),
        model('Drawing for Those Who Cannot', 2_100, 'Twenty exercises that begin with a pencil and no talent.'),
      ],
    },
    {
      name: 'Notebooks',
      code: 'NTB',
      image: 'notebook',
      variants: [{ name: 'Dotted' }, { name: 'Lined' }, { name: 'Plain' }],
      models: [
        model('Margin A5 Notebook', 1_400, 'Thread-bound to lie flat, with numbered pages.'),
        model('Margin Pocket Notebook', 800, 'Goes where the phone goes, and never runs out of battery.'),
        model('Atelier A4 Sketchbook', 2_200, 'Heavy paper that takes ink and light washes.'),
        model('Weekly Desk Planner', 1_900, 'Undated weeks, so that a holiday wastes no page.'),
      ],
    },
    {
      name: 'Puzzles',
      code: 'PZL',
      image: 'puzzle',
      variants: [{ name: '500 Pieces' }, { name: '1000 Pieces', surcharge: 500 }],
      models: [
        model('Mountain Lake Puzzle', 1_700, 'Morning light over still water; a lot of blue to sort.'),
        model('City at Night Puzzle', 1_700, 'A thousand lit windows and the trams between them.'),
        model('Birds of the Forest Puzzle', 1_900, 'Painted birds with a key to their names.'),
        model('World Map Puzzle', 2_100, 'An old map with sea monsters where nobody had been.'),
        model('Botanical Poster Puzzle', 1_800, 'Ferns and flowers from a nineteenth-century herbarium.'),
      ],
    },
  ],
};
