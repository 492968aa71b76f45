import { model, type DemoDepartment } from './demo.types';

export const KITCHEN: DemoDepartment = {
  name: 'Kitchen',
  shelves: [
    {
      name: 'Mugs',
      code: 'MUG',
      image: 'mug',
      variants: [{ name: 'Cream' }, { name: 'Moss' }, { name: 'Midnight Blue' }],
      models: [
        model('Tidal Stoneware Mug', 1_600, 'Hand-glazed stoneware that holds a generous 350 millilitres.'),
        model('Tidal Espresso Cup', 1_100, 'Small cup with thick walls that keep espresso hot.'),
        model('Campfire Enamel Mug', 1_400, 'Light, unbreakable and at home over a fire.'),
        model('Double-Wall Travel Mug', 2_900, 'Leakproof steel mug; coffee stays hot for six hours.'),
      ],
    },
    {
      name: 'Pans',
      code: 'PAN',
      image: 'pan',
      variants: [{ name: '24 cm' }, { name: '28 cm', surcharge: 1_500 }],
      models: [
        model('Forge Cast Iron Skillet', 4_900, 'Pre-seasoned cast iron for steaks, bread and decades of use.'),
        model('Forge Carbon Steel Pan', 5_900, 'Half the weight of cast iron, the same crust.'),
        model('Everyday Non-Stick Pan', 3_900, 'Ceramic coating without PFAS; eggs slide right out.'),
        model('Copper Core Saute Pan', 14_900, 'Five layers around a copper core for even heat to the rim.'),
        model('Deep Steel Wok', 4_500, 'Hand-hammered wok with a flat base for induction.'),
      ],
    },
    {
      name: 'Knives',
      code: 'KNF',
      image: 'knife',
      variants: [{ name: 'Ash Handle' }, { name: 'Black Handle' }],
      models: [
        model("Kestrel Chef's Knife", 8_900, 'A 20-centimetre blade for nearly everything on the board.'),
        model('Kestrel Santoku Knife', 7_900, 'Shorter and flatter, for quick work on vegetables.'),
        model('Kestrel Paring Knife', 3_400, 'Nine centimetres for peeling, trimming and garnish.'),
        model('Kestrel Bread Knife', 5_400, 'Long serrated blade that leaves the crumb alone.'),
        model('Kestrel Knife Set', 19_900, "Chef's, bread and paring knife with a magnetic block."),
      ],
    },
    {
      name: 'Bottles',
      code: 'BTL',
      image: 'bottle',
      variants: [{ name: '500 ml' }, { name: '750 ml', surcharge: 600 }],
      models: [
        model('Summit Steel Bottle', 2_400, 'Single-wall steel bottle: light, tough, no taste of metal.'),
        model('Summit Insulated Bottle', 3_400, 'Keeps water cold for a day and tea hot for twelve hours.'),
        model('Brook Glass Bottle', 2_200, 'Borosilicate glass in a silicone sleeve.'),
        model('Dash Cycling Bottle', 1_500, 'Squeezes easily, fits every cage and the dishwasher.'),
        model('Orchard Infuser Bottle', 2_600, 'With a basket for fruit, mint or tea leaves.'),
      ],
    },
  ],
};
