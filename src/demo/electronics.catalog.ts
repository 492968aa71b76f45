import { model, type DemoDepartment } from './demo.types';

export const ELECTRONICS: DemoDepartment = {
  name: 'Electronics',
  shelves: [
    {
      name: 'Headphones',
      code: 'HPH',
      image: 'headphones',
      variants: [{ name: 'Black' }, { name: 'Sand' }],
      models: [
        model('Aria Wireless Headphones', 12_900, 'Over-ear headphones with noise cancelling and 40 hours of battery.'),
        model(
          'Aria Lite Wireless Headphones',
          7_900,
          'The light sister of Aria: on-ear, foldable, 30 hours of battery.',
        ),
        model('Studio One Headphones', 14_900, 'Closed wired headphones for mixing, with replaceable pads and cable.'),
        model(
          'Pebble Wireless Earbuds',
          5_900,
          'Small earbuds for calls and commutes; the case charges them four times.',
        ),
        model('Tempo Sport Earbuds', 6_900, 'Sweatproof earbuds with ear hooks that stay put on long runs.'),
        model('Nightcap Sleep Earbuds', 8_900, 'Flat, soft earbuds for side sleepers, with calm sounds built in.'),
      ],
    },
    {
      name: 'Keyboards',
      code: 'KEY',
      image: 'keyboard',
      variants: [{ name: 'Graphite' }, { name: 'White' }],
      models: [
        model(
          'Clack 75 Mechanical Keyboard',
          10_900,
          'Compact mechanical keyboard with hot-swappable tactile switches.',
        ),
        model('Clack Full Mechanical Keyboard', 12_900, 'Full-size mechanical keyboard with number pad and metal top.'),
        model('Hush Wireless Keyboard', 5_900, 'Quiet low-profile keyboard that pairs with three devices.'),
        model('Arc Split Keyboard', 16_900, 'Ergonomic split keyboard that tilts to suit your wrists.'),
        model('Travel Fold Keyboard', 4_900, 'Folds to the size of a phone; runs for a month on one charge.'),
      ],
    },
    {
      name: 'Speakers',
      code: 'SPK',
      image: 'speaker',
      variants: [{ name: 'Charcoal' }, { name: 'Forest Green' }],
      models: [
        model('Boulder Portable Speaker', 8_900, 'Waterproof speaker with deep bass and 20 hours of battery.'),
        model('Boulder Mini Portable Speaker', 4_500, 'Fits a bottle holder; two of them make a stereo pair.'),
        model('Hearth Room Speaker', 19_900, 'Wireless speaker that tunes itself to the room it stands in.'),
        model('Shelf Pair Bookshelf Speakers', 24_900, 'A pair of two-way speakers with real wood sides.'),
        model('Ledge Soundbar', 17_900, 'Slim soundbar that makes film dialogue easy to follow.'),
      ],
    },
    {
      name: 'Cameras',
      code: 'CAM',
      image: 'camera',
      variants: [{ name: 'Black' }, { name: 'Silver' }],
      models: [
        model('Field 24 Mirrorless Camera', 89_900, 'Weather-sealed mirrorless camera with a 24-megapixel sensor.'),
        model('Field 40 Mirrorless Camera', 149_900, '40 megapixels, steady handheld shots and two card slots.'),
        model('Pocket Zoom Compact Camera', 34_900, 'Ten-times zoom in a camera that fits a jacket pocket.'),
        model('Instant Square Camera', 11_900, 'Prints square photos a few seconds after you took them.'),
        model('Trail Action Camera', 27_900, 'Films in 4K under water and on the handlebar.'),
      ],
    },
    {
      name: 'Phone Cases',
      code: 'CAS',
      image: 'phone-case',
      variants: [{ name: 'Clear' }, { name: 'Navy' }, { name: 'Terracotta' }],
      models: [
        model('Shell Slim Phone Case', 1_900, 'Thin case that keeps scratches away without adding weight.'),
        model('Bumper Phone Case', 2_400, 'Raised edges and soft corners survive falls from two metres.'),
        model('Wallet Phone Case', 3_400, 'Holds three cards and folds into a stand.'),
        model('Cork Phone Case', 2_900, 'Natural cork: light, warm to the touch and compostable.'),
      ],
    },
  ],
};
