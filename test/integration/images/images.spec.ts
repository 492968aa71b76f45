import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { CHANGE_MARK } from '../../../src/cache/cache.scripts';
import { newProduct, ownCategory, type ProductBody } from '../../support/catalogue';
import { Shop, type Answer, type Problem, Visitor } from '../../support/shop';
import { cli, Stores } from '../../support/stores';
import { whileLocked } from '../../support/table-lock';

interface Image {
  id: string;
  url: string;
  alt: string;
  width: number;
  height: number;
  position: number;
  sizes: { url: string; width: number }[];
}

const FOLDER = process.env['IMAGES_DIR'] ?? '';

interface Upload {
  bytes: Buffer | string;
  name?: string;
  type?: string;
  alt?: string;
  headers?: Record<string, string>;
}

/** A picture of noise of its own: no two are the same file. */
async function picture(width = 900, height = 600): Promise<Buffer> {
  const noise = { type: 'gaussian' as const, mean: 100 + Math.random() * 50, sigma: 40 };
  return sharp({ create: { width, height, channels: 3, background: '#000', noise } })
    .withExif({ IFD0: { Copyright: 'someone' }, IFD3: { GPSLatitude: '51/1 30/1 0/1' } })
    .jpeg()
    .toBuffer();
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body) >>> 0);
  return Buffer.concat([length, body, sum]);
}

/** A valid PNG of one colour, small as a file and huge as pixels. */
function bomb(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = deflateSync(Buffer.alloc((Math.ceil(side / 8) + 1) * side));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('images of a product', () => {
  const shop = new Shop();
  const stores = new Stores();
  let admin: Visitor;
  let category: string;

  beforeAll(async () => {
    admin = await shop.admin();
    category = await ownCategory(stores, 'Pictured');
  });
  afterAll(() => stores.close());

  const create = async () => (await admin.post<ProductBody>('/v1/admin/products', newProduct(category, {}))).id;

  async function upload(id: string, file: Upload, visitor = admin): Promise<Answer<Image & Problem>> {
    const form = new FormData();
    if (file.alt !== undefined) form.set('alt', file.alt);
    const bytes = typeof file.bytes === 'string' ? file.bytes : new Uint8Array(file.bytes);
    form.set('file', new Blob([bytes], { type: file.type ?? 'image/jpeg' }), file.name ?? 'photo.jpg');
    const response = await fetch(`${visitor.baseUrl}/v1/admin/products/${id}/images`, {
      method: 'POST',
      headers: { authorization: `Bearer ${visitor.token ?? ''}`, ...file.headers },
      body: form,
    });
    const body: Image & Problem = JSON.parse(await response.text());
    return { status: response.status, headers: response.headers, body };
  }

  const list = async (id: string) => (await admin.get<{ items: Image[] }>(`/v1/admin/products/${id}/images`)).items;
  const files = () => readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('-'));

  it('are kept as WebP in three widths without metadata, served by Nginx for ever', async () => {
    const id = await create();
    const added = await upload(id, { bytes: await picture(2000, 1000), alt: ' A red mug ' });
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({ alt: 'A red mug', width: 1600, height: 800, position: 0 });
    expect(added.body.sizes.map(({ width }) => width)).toEqual([320, 800, 1600]);
    for (const { url, width } of added.body.sizes) {
      expect(url).toMatch(new RegExp(`^/images/[0-9a-f]{2}/[0-9a-f]{32}-${width}\\.webp$`));
      const response = await fetch(`${shop.stack.baseUrl}${url}`);
      expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([
        200,
        'image/webp',
        'public, max-age=31536000, immutable',
      ]);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      const metadata = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
      expect(metadata).toMatchObject({ format: 'webp', width });
      expect([metadata.exif, metadata.xmp, metadata.icc, metadata.iptc]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
    }
    expect((await admin.get<ProductBody>(`/v1/products/${id}`)).imageUrl).toBe(added.body.url);
  });

  it('change their order, their words and their number; the first is the image of the product', async () => {
    const id = await create();
    const added: Image[] = [];
    for (let i = 0; i < 3; i += 1) added.push((await upload(id, { bytes: await picture(300) })).body);
    expect((await list(id)).map((image) => image.id)).toEqual(added.map((image) => image.id));
    const [first, second, third] = added.map((image) => image.id);
    const order = (ids: unknown[]) => admin.send('PUT', `/v1/admin/products/${id}/images/order`, { ids });
    expect((await order([third, first, second])).status).toBe(200);
    expect((await list(id)).map((image) => image.id)).toEqual([third, first, second]);
    expect((await admin.get<ProductBody>(`/v1/products/${id}`)).imageUrl).toBe(added[2]?.url);
    for (const ids of [[third, first], [third, first, first], [third, first, randomUUID()], []]) {
      expect(await order(ids)).toMatchObject({ status: 409, body: { code: 'image.others' } });
    }

    const path = `/v1/admin/products/${id}/images/${first ?? ''}`;
    expect((await admin.send('PATCH', path, { alt: 'From the side' })).body).toMatchObject({ alt: 'From the side' });
    expect((await admin.send('DELETE', `/v1/admin/products/${id}/images/${third ?? ''}`)).status).toBe(204);
    expect(await list(id)).toMatchObject([
      { id: first, position: 0, alt: 'From the side' },
      { id: second, position: 1 },
    ]);
    expect((await admin.get<ProductBody>(`/v1/products/${id}`)).imageUrl).toBe(added[0]?.url);
    for (const image of [first, second]) await admin.send('DELETE', `/v1/admin/products/${id}/images/${image ?? ''}`);
    expect((await admin.get<ProductBody>(`/v1/products/${id}`)).imageUrl).toBeNull();
    expect((await admin.send('DELETE', path)).status).toBe(404);

    const trail = await stores.rows<{ action: string }>(
      'products',
      `SELECT action FROM audit_log WHERE subject_id = ANY($1) AND action NOT IN ('product.created') ORDER BY position`,
      [[id, first, second, third]],
    );
    expect(trail.map(({ action }) => action)).toEqual([
      ...Array<string>(3).fill('image.added'),
      'product.images_reordered',
      'image.described',
      ...Array<string>(3).fill('image.removed'),
    ]);
  });

  it('keep their places when five come and two go at once', async () => {
    const id = await create();
    const bytes = await Promise.all(Array.from({ length: 5 }, () => picture(200, 100)));
    const added = await Promise.all(bytes.map((one) => upload(id, { bytes: one })));
    expect(added.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    const gone = added
      .slice(0, 2)
      .map(({ body }) => admin.send('DELETE', `/v1/admin/products/${id}/images/${body.id}`));
    expect((await Promise.all(gone)).map(({ status }) => status)).toEqual([204, 204]);
    expect((await list(id)).map(({ position }) => position)).toEqual([0, 1, 2]);
  });

  it('leave no page of before in the cache, should their server die between the commit and telling of it', async () => {
    const id = await create();
    const { body } = await upload(id, { bytes: await picture(310) });
    await admin.get(`/v1/products/${id}`);
    await whileLocked('products', 'audit_log', async (waiting) => {
      const described = admin.send('PATCH', `/v1/admin/products/${id}/images/${body.id}`, { alt: 'Seen from above' });
      await waiting(1);
      expect(await stores.redis.get(`product:${id}`)).toMatch(new RegExp(`^${CHANGE_MARK}`));
      return [described];
    }).then((sent) => Promise.all(sent));
    expect(JSON.stringify(await admin.get(`/v1/products/${id}`))).toContain('Seen from above');
  });

  it('are added once for an Idempotency-Key', async () => {
    const id = await create();
    const file = { bytes: await picture(300), headers: { 'idempotency-key': randomUUID() } };
    const [first, again] = [await upload(id, file), await upload(id, file)];
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(again.body.id).toBe(first.body.id);
    const other = await upload(id, { ...file, bytes: await picture(301) });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency.key_reused' } });
    expect(await list(id)).toHaveLength(1);
  });

  describe('that are attacks:', () => {
    const script = '<script>alert(document.domain)</script>';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><image href="file:///etc/passwd"/></svg>`;

    it.each([
      ['an SVG with a script', svg, 'image/svg+xml'],
      ['an SVG that says it is a JPEG', svg, 'image/jpeg'],
      ['a page', `<!doctype html>${script}`, 'image/png'],
      ['a PDF', '%PDF-1.7\n', 'image/jpeg'],
      ['a GIF', Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'), 'image/png'],
      ['nothing', '', 'image/png'],
    ])('%s is refused', async (_, bytes, type) => {
      const before = files();
      const answer = await upload(await create(), { bytes, type });
      expect(answer).toMatchObject({ status: 415, body: { code: 'image.type' } });
      expect(files()).toEqual(before);
    });

    it('a picture that is a page as well loses the page', async () => {
      const id = await create();
      const bytes = Buffer.concat([await picture(300), Buffer.from(script)]);
      const added = await upload(id, { bytes, type: 'text/html', name: 'page.html' });
      expect(added.status).toBe(201);
      const kept = Buffer.from(await (await fetch(`${shop.stack.baseUrl}${added.body.url}`)).arrayBuffer());
      expect(kept.includes('script')).toBe(false);
    });

    it('30,000 by 30,000 pixels in a small file are counted, not unpacked', async () => {
      const bytes = bomb(30_000);
      expect(bytes.length).toBeLessThan(1_000_000);
      const started = Date.now();
      const answer = await upload(await create(), { bytes, type: 'image/png' });
      expect(answer).toMatchObject({ status: 422, body: { code: 'image.too_large' } });
      expect(Date.now() - started).toBeLessThan(2_000);
    });

    it('a file that ends in the middle', async () => {
      const whole = await sharp(await picture(1200, 1200))
        .png()
        .toBuffer();
      const answer = await upload(await create(), { bytes: whole.subarray(0, whole.length / 2), type: 'image/png' });
      expect(answer).toMatchObject({ status: 422, body: { code: 'image.broken' } });
    });

    it('an image under another product', async () => {
      const [id, other] = [await create(), await create()];
      const added = await upload(id, { bytes: await picture(200) });
      const path = `/v1/admin/products/${other}/images/${added.body.id}`;
      expect((await admin.send('PATCH', path, { alt: 'Not mine' })).status).toBe(404);
      expect((await admin.send('DELETE', path)).status).toBe(404);
      expect(await list(id)).toMatchObject([{ id: added.body.id, alt: '' }]);
    });

    it('a form with fields that nobody asked for', async () => {
      const form = new FormData();
      form.set('file', new Blob([new Uint8Array(await picture(200))], { type: 'image/png' }), 'photo.png');
      form.set('role', 'admin');
      const response = await fetch(`${admin.baseUrl}/v1/admin/products/${await create()}/images`, {
        method: 'POST',
        headers: { authorization: `Bearer ${admin.token ?? ''}` },
        body: form,
      });
      expect(response.status).toBe(400);
      expect(JSON.parse(await response.text())).toMatchObject({ errors: [{ field: 'role', pointer: '#/role' }] });
    });

    it.each(['../../../../etc/passwd', '..\\..\\nginx.conf', '/etc/cron.d/x', 'a\u0000.php', '.htaccess'])(
      'the name %j names no file here',
      async (name) => {
        const added = await upload(await create(), { bytes: await picture(200), name });
        expect(added.status).toBe(201);
        expect(added.body.url).toMatch(/^\/images\/[0-9a-f]{2}\/[0-9a-f]{32}-200\.webp$/);
      },
    );

    it.each([
      '/images/../nginx.conf',
      '/images/%2e%2e/%2e%2e/secrets.json',
      '/images/..%2f..%2fsecrets.json',
      '/images/',
    ])('%s leads nowhere', async (path) => {
      const response = await fetch(`${shop.stack.baseUrl}${path}`);
      expect(response.status).toBeGreaterThanOrEqual(400);
    });

    it('more than 10 MB, through Nginx or past it', async () => {
      const id = await create();
      const bytes = Buffer.alloc(10_485_761, 1);
      const direct = new Visitor(shop.stack.apiUrls[0] ?? '', admin.token);
      for (const way of [admin, direct]) expect((await upload(id, { bytes }, way)).status).toBe(413);
    });

    it('a form where none belongs, no form where one does, and a broken one', async () => {
      const id = await create();
      const send = async (path: string, type: string, body: string) => {
        const headers = { 'content-type': type, authorization: `Bearer ${admin.token ?? ''}` };
        return (await fetch(`${admin.baseUrl}${path}`, { method: 'POST', headers, body })).status;
      };
      const images = `/v1/admin/products/${id}/images`;
      expect(await send('/v1/admin/products', 'multipart/form-data; boundary=x', '--x--')).toBe(415);
      expect(await send(images, 'application/json', '{}')).toBe(415);
      expect(await send(images, 'multipart/form-data; boundary=x', '--x--\r\n')).toBe(400);
      expect(await send(images, 'multipart/form-data; boundary=x', '--x\r\nContent-Disp')).toBe(400);
    });

    it('are for staff', async () => {
      const customer = await shop.customer(0);
      expect((await upload(await create(), { bytes: await picture(100) }, customer)).status).toBe(403);
    });
  });

  it('leave nothing half done when the folder cannot be written', async () => {
    const id = await create();
    const bytes = await picture(400);
    const aside = `${FOLDER}-aside`;
    renameSync(FOLDER, aside);
    writeFileSync(FOLDER, 'no folder');
    try {
      const answer = await upload(id, { bytes });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    } finally {
      rmSync(FOLDER);
      renameSync(aside, FOLDER);
    }
    expect(await list(id)).toEqual([]);
    expect((await upload(id, { bytes })).status).toBe(201);
  });

  it('leave files alone that no image has for a day, then they are swept', async () => {
    const [one, other] = [await create(), await create()];
    const bytes = await picture(350);
    const added = await upload(one, { bytes });
    expect((await upload(other, { bytes })).body.url).toBe(added.body.url);
    const paths = added.body.sizes.map(({ url }) => join(FOLDER, url.replace('/images/', '')));
    const folder = join(FOLDER, 'ff');
    mkdirSync(folder, { recursive: true });
    const halfDone = join(folder, `.${'f'.repeat(32)}-320.webp.${randomUUID()}`);
    writeFileSync(halfDone, 'half');
    const age = (days: number) => {
      const then = Date.now() / 1_000 - days * 86_400 - 60;
      for (const path of [...paths, halfDone]) if (existsSync(path)) utimesSync(path, then, then);
    };
    const sweep = () => cli('sweep-images');
    const there = () => [...paths, halfDone].map((path) => existsSync(path));

    age(2);
    await admin.send('DELETE', `/v1/admin/products/${one}/images/${added.body.id}`);
    await sweep();
    expect(there()).toEqual([true, true, false]);
    for (const { id } of await list(other)) await admin.send('DELETE', `/v1/admin/products/${other}/images/${id}`);
    age(0);
    for (const path of paths) utimesSync(path, new Date(), new Date());
    await sweep();
    expect(there()).toEqual([true, true, false]);
    age(2);
    await sweep();
    expect(there()).toEqual([false, false, false]);
  }, 120_000);
});
