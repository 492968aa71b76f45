// Prints what a collection holds, as JSON: node mongo-find.mjs <url> <collection> <filter>
import { BSON, MongoClient } from 'mongodb';

const [url, collection, filter] = process.argv.slice(2);
const client = await MongoClient.connect(url);
process.stdout.write(BSON.EJSON.stringify(await client.db().collection(collection).find(JSON.parse(filter)).toArray()));
await client.close();
