import { model, type DemoDepartment } from './demo.types';

export const FASHION: DemoDepartment = {
  name: 'Fashion',
  shelves: [
    {
      name: 'T-Shirts',
      code: 'TSH',
      image: 't-shirt',
      variants: [{ name: 'White' }, { name: 'Navy' }, { name: 'Olive' }],
      models: [
        model('Harvest Organic T-Shirt', 2_400, 'Heavy organic cotton with a neck that keeps its shape.'),
        model('Harvest Long Sleeve T-Shirt', 2_900, 'The same heavy cotton with ribbed cuffs.'),
        model('Breeze Linen T-Shirt', 3_900, 'Linen and cotton for the hottest weeks.'),
        model('Stride Running T-Shirt', 3_400, 'Quick-drying, with reflective seams for late runs.'),
        model('Fisherman Striped T-Shirt', 3_200, 'Boat neck and woven stripes, as worn at the coast.'),
      ],
    },
    {
      name: 'Sneakers',
      code: 'SNK',
      image: 'sneakers',
      variants: [{ name: 'White' }, { name: 'Grey' }],
      models: [
        model('Metro Leather Sneakers', 11_900, 'Plain leather sneakers with a stitched sole that can be replaced.'),
        model('Metro Canvas Sneakers', 6_900, 'Canvas uppers on natural rubber.'),
        model('Pace Running Sneakers', 12_900, 'Cushioned for everyday kilometres on the road.'),
        model('Ridge Trail Sneakers', 13_900, 'Grippy lugs and a rock plate for wet paths.'),
        model('Court Retro Sneakers', 8_900, 'Low court shoe with suede toe and gum sole.'),
      ],
    },
    {
      name: 'Watches',
      code: 'WTC',
      image: 'watch',
      variants: [{ name: 'Leather Strap' }, { name: 'Steel Bracelet', surcharge: 3_000 }],
      models: [
        model('Meridian Automatic Watch', 34_900, 'Self-winding movement behind sapphire glass, 38 millimetres.'),
        model('Meridian Field Watch', 18_900, 'Legible dial with lume; water-resistant to 100 metres.'),
        model('Tide Diver Watch', 42_900, 'Ceramic bezel and 200 metres of water resistance.'),
        model('Slate Minimal Watch', 12_900, 'Two hands, no numerals, six millimetres thin.'),
        model('Beat Fitness Watch', 15_900, 'Heart rate, routes and a battery that lasts two weeks.'),
      ],
    },
    {
      name: 'Backpacks',
      code: 'BPK',
      image: 'backpack',
      variants: [{ name: 'Black' }, { name: 'Mustard' }],
      models: [
        model('Commuter Backpack', 8_900, 'A padded laptop sleeve and a pocket for everything else; 20 litres.'),
        model('Rolltop Backpack', 9_900, 'Waterproof roll-top that grows from 18 to 26 litres.'),
        model('Weekender Backpack', 11_900, 'Opens like a suitcase and fits under the seat in front.'),
        model('Basecamp Hiking Backpack', 15_900, 'Vented back, rain cover and 45 litres for long weekends.'),
        model('Little Explorer Backpack', 3_900, 'For children from four years, with a chest strap and a whistle.'),
      ],
    },
  ],
};
