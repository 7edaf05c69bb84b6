export { sampleRequests, type SampleBody, type SampleRequest } from './sample-requests.ts'
