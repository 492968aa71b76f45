// Changes documents of a collection, prints how many: node mongo-update.mjs <url> <collection> <filter> <update>
import { MongoClient } from 'mongodb';

const [url, collection, filter, update] = process.argv.slice(2);
const client = await MongoClient.connect(url);
const { modifiedCount } = await client.db().collection(collection).updateMany(JSON.parse(filter), JSON.parse(update));
process.stdout.write(String(modifiedCount));
await client.close();
