// client ADDRESS [ROOT]: tries all that calls of samples/gRPC can do, and prints a line for each case; 1 where one went otherwise.
// Over TLS where there is a ROOT, a PEM file: the certificate is for localhost.
// client follow FOLDER ADDRESS...: calls any of these addresses, and says so, until FOLDER has a file "stop".
//
// A client of grpc-go (Debian's golang-google-grpc-dev). Messages of trial.proto are written and read by hand, so that no compiler of them is needed.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"
)

const (
	// No case takes as long: one that hangs ends by it, with another status than it should.
	patience = 30 * time.Second
	// As much as servers of gRPC take, with what stands around it.
	large   = 4*1024*1024 - 64
	special = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
	// Longer than the shortest time between PINGs that grpc-go takes.
	silence = 14 * time.Second
)

// plain passes messages on as they are.
type plain struct{}

func (plain) Marshal(v interface{}) ([]byte, error) { return *v.(*[]byte), nil }

func (plain) Unmarshal(data []byte, v interface{}) error {
	*v.(*[]byte) = append([]byte{}, data...)
	return nil
}

func (plain) Name() string { return "proto" }

func number(field, value int) []byte {
	return append(varint(field<<3), varint(value)...)
}

func text(field int, value []byte) []byte {
	return append(append(varint(field<<3|2), varint(len(value))...), value...)
}

func varint(value int) []byte {
	buffer := make([]byte, binary.MaxVarintLen64)
	return buffer[:binary.PutUvarint(buffer, uint64(value))]
}

// fields are the last texts and the last numbers of each field of a message.
func fields(message []byte) (map[int][]byte, map[int]int) {
	texts, numbers := map[int][]byte{}, map[int]int{}
	for len(message) > 0 {
		tag, length := binary.Uvarint(message)
		value, more := binary.Uvarint(message[length:])
		message = message[length+more:]
		if tag&7 == 2 {
			texts[int(tag>>3)] = message[:value]
			message = message[value:]
		} else {
			numbers[int(tag>>3)] = int(value)
		}
	}
	return texts, numbers
}

func question(size int, pieces ...int) []byte {
	message := text(1, make([]byte, size))
	for _, piece := range pieces {
		message = append(message, text(2, number(1, piece))...)
	}
	return message
}

func late(after time.Duration) []byte {
	return text(2, append(number(1, 1), number(2, int(after.Milliseconds()))...))
}

func ending(code codes.Code, message, field string) []byte {
	return text(3, append(append(number(1, int(code)), text(2, []byte(message))...), text(3, []byte(field))...))
}

// A case ends with a panic where something went otherwise.
func same(expected, actual interface{}, what string) {
	if !reflect.DeepEqual(expected, actual) {
		panic(fmt.Sprintf("%s: %.60v, and not %.60v", what, expected, actual))
	}
}

func good(err error) {
	if err != nil {
		panic(err)
	}
}

func ends(code codes.Code, err error) *status.Status {
	if status.Code(err) != code {
		panic(fmt.Sprintf("the status is %v, and not %v", code, err))
	}
	return status.Convert(err)
}

type client struct {
	*grpc.ClientConn
	address, root string
}

func connect(root string, addresses []string, options ...grpc.DialOption) *grpc.ClientConn {
	builder := manual.NewBuilderWithScheme("nodes")
	state := resolver.State{}
	for _, address := range addresses {
		state.Addresses = append(state.Addresses, resolver.Address{Addr: address, ServerName: "localhost"})
	}
	builder.InitialState(state)
	security := grpc.WithInsecure()
	if root != "" {
		credentials, err := credentials.NewClientTLSFromFile(root, "localhost")
		good(err)
		security = grpc.WithTransportCredentials(credentials)
	}
	options = append(options, security, grpc.WithResolvers(builder), grpc.WithDefaultCallOptions(grpc.ForceCodec(plain{}), grpc.MaxCallRecvMsgSize(8*1024*1024)))
	connection, err := grpc.Dial("nodes:///all", options...)
	good(err)
	return connection
}

func usual() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), patience)
}

func method(name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return "/actorlb.sample.Trial/" + name
}

func (c *client) call(name string, message []byte, options ...grpc.CallOption) ([]byte, error) {
	ctx, cancel := usual()
	defer cancel()
	return c.callWithin(ctx, name, message, options...)
}

func (c *client) callWithin(ctx context.Context, name string, message []byte, options ...grpc.CallOption) ([]byte, error) {
	var answer []byte
	err := c.Invoke(ctx, method(name), &message, &answer, options...)
	return answer, err
}

func (c *client) stream(ctx context.Context, name string) grpc.ClientStream {
	stream, err := c.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, method(name))
	good(err)
	return stream
}

// A stream that is over says why where its answers are read.
func say(stream grpc.ClientStream, messages ...[]byte) {
	for _, message := range messages {
		if err := stream.SendMsg(&message); err != io.EOF {
			good(err)
		}
	}
}

func next(stream grpc.ClientStream) ([]byte, error) {
	var answer []byte
	err := stream.RecvMsg(&answer)
	return answer, err
}

// all are the sizes of the payloads of all answers until the end of the stream, which has no error to say.
func all(stream grpc.ClientStream) ([]int, error) {
	sizes := []int{}
	for {
		answer, err := next(stream)
		if err == io.EOF {
			return sizes, nil
		}
		if err != nil {
			return sizes, err
		}
		texts, _ := fields(answer)
		sizes = append(sizes, len(texts[1]))
	}
}

func received(answer []byte, err error) int {
	good(err)
	_, numbers := fields(answer)
	return numbers[3]
}

func emptyUnary(c *client) {
	answer, err := c.call("Nothing", nil)
	good(err)
	same(0, len(answer), "the bytes of the answer")
}

func largeUnary(c *client) {
	answer, err := c.call("Echo", question(large, large))
	same(large, received(answer, err), "bytes that the server got")
	texts, _ := fields(answer)
	same(true, bytes.Equal(make([]byte, large), texts[1]), "the payload is what it should be")
}

func tooLargeUnary(c *client) {
	_, err := c.call("Echo", question(2*large))
	ends(codes.ResourceExhausted, err)
}

func compressedUnary(c *client) {
	answer, err := c.call("Echo", question(large, 9), grpc.UseCompressor(gzip.Name))
	same(large, received(answer, err), "bytes that the server got")
}

func clientStreaming(c *client) {
	ctx, cancel := usual()
	defer cancel()
	stream := c.stream(ctx, "Sum")
	say(stream, question(27_182), question(8), question(1828), question(45_904), question(3_000_000))
	good(stream.CloseSend())
	same(27_182+8+1828+45_904+3_000_000, received(next(stream)), "bytes that the server got")
	sizes, err := all(stream)
	good(err)
	same(0, len(sizes), "answers beyond the first")
}

func serverStreaming(c *client) {
	ctx, cancel := usual()
	defer cancel()
	wanted := []int{31_415, 9, 2653, 58_979, 3_000_000}
	stream := c.stream(ctx, "Pieces")
	say(stream, question(0, wanted...))
	good(stream.CloseSend())
	sizes, err := all(stream)
	good(err)
	same(wanted, sizes, "the answers")
}

func pingPong(c *client) {
	ctx, cancel := usual()
	defer cancel()
	stream := c.stream(ctx, "Talk")
	sent := 0
	for _, size := range []int{27_182, 8, 1828, 45_904} {
		sent += size
		say(stream, question(size, size+1))
		answer, err := next(stream)
		same(sent, received(answer, err), "bytes that the server got")
		texts, _ := fields(answer)
		same(size+1, len(texts[1]), "bytes that the server says")
	}
	good(stream.CloseSend())
	sizes, err := all(stream)
	good(err)
	same(0, len(sizes), "answers beyond the questions")
}

func emptyStream(c *client) {
	ctx, cancel := usual()
	defer cancel()
	stream := c.stream(ctx, "Talk")
	good(stream.CloseSend())
	sizes, err := all(stream)
	good(err)
	same(0, len(sizes), "answers to no question")
}

func manyInParallel(c *client) {
	ctx, cancel := usual()
	defer cancel()
	// All of them are open before the first is answered to its end. A balancer says how many may be (SETTINGS_MAX_CONCURRENT_STREAMS).
	streams := []grpc.ClientStream{}
	for i := 0; i < 100; i++ {
		stream := c.stream(ctx, "Talk")
		say(stream, question(1, 1))
		streams = append(streams, stream)
	}
	for _, stream := range streams {
		same(1, received(next(stream)), "bytes that the server got")
	}
	for _, stream := range streams {
		good(stream.CloseSend())
		sizes, err := all(stream)
		good(err)
		same(0, len(sizes), "answers beyond the questions")
	}

	errors := make(chan interface{}, 200)
	for i := 0; i < 200; i++ {
		go func(size int) {
			defer func() { errors <- recover() }()
			answer, err := c.call("Echo", question(size, 1000+size))
			same(size, received(answer, err), "bytes that the server got")
			texts, _ := fields(answer)
			same(1000+size, len(texts[1]), "bytes that the server says")
		}(i)
	}
	for i := 0; i < 200; i++ {
		same(nil, <-errors, "what went wrong")
	}
}

func readerThatWaits(c *client) {
	ctx, cancel := usual()
	defer cancel()
	pieces := []int{}
	for i := 0; i < 64; i++ {
		pieces = append(pieces, 256*1024)
	}
	stream := c.stream(ctx, "Pieces")
	say(stream, question(0, pieces...))
	good(stream.CloseSend())
	_, err := next(stream)
	good(err)
	for i := 0; i < 10; i++ {
		same(1, received(c.call("Echo", question(1))), "bytes that the server got meanwhile")
	}
	sizes, err := all(stream)
	good(err)
	same(pieces[1:], sizes, "the other answers")
}

func cancelAfterBegin(c *client) {
	ctx, cancel := usual()
	stream := c.stream(ctx, "Sum")
	cancel()
	_, err := next(stream)
	ends(codes.Canceled, err)
}

func cancelReachesServer(c *client) {
	name := make([]byte, 16)
	_, err := rand.Read(name)
	good(err)
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(context.Background(), "trial-name", hex.EncodeToString(name)), patience)
	stream := c.stream(ctx, "Talk")
	say(stream, question(1, 1))
	_, err = next(stream)
	good(err)
	cancel()
	_, err = next(stream)
	ends(codes.Canceled, err)

	// Behind a balancer it may be another server that says what it knows.
	until := time.Now().Add(patience)
	for {
		answer, err := c.call("WasCancelled", text(1, []byte(hex.EncodeToString(name))))
		good(err)
		if _, numbers := fields(answer); numbers[1] == 1 {
			return
		}
		same(true, time.Now().Before(until), "a server knows in time that the call was cancelled")
		time.Sleep(10 * time.Millisecond)
	}
}

func deadline(c *client) {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err := c.callWithin(ctx, "Echo", late(patience))
	ends(codes.DeadlineExceeded, err)

	answer, err := c.call("Echo", nil)
	good(err)
	_, numbers := fields(answer)
	same(true, numbers[4] > 0 && numbers[4] <= int(patience.Milliseconds()), fmt.Sprintf("the server has some of the time, %d ms", numbers[4]))
}

func statuses(c *client) {
	ctx, cancel := usual()
	defer cancel()
	for _, message := range []string{"test status message", special, ""} {
		_, err := c.call("Echo", ending(codes.Unknown, message, ""))
		same(message, ends(codes.Unknown, err).Message(), "the message")
		stream := c.stream(ctx, "Talk")
		say(stream, ending(codes.Unknown, message, ""))
		good(stream.CloseSend())
		_, err = all(stream)
		same(message, ends(codes.Unknown, err).Message(), "the message in a stream")
	}

	stream := c.stream(ctx, "Pieces")
	say(stream, append(question(0, 31_415, 9), ending(codes.DataLoss, "there should be more", "")...))
	good(stream.CloseSend())
	sizes, err := all(stream)
	same("there should be more", ends(codes.DataLoss, err).Message(), "the message behind the answers")
	same([]int{31_415, 9}, sizes, "the answers before it")
}

func statusDetails(c *client) {
	_, err := c.call("Echo", ending(codes.InvalidArgument, "look", "payload"))
	details := ends(codes.InvalidArgument, err).Proto().Details
	same(1, len(details), "the number of details")
	same("type.googleapis.com/google.rpc.BadRequest", details[0].TypeUrl, "their kind")
	violations, _ := fields(details[0].Value)
	violation, _ := fields(violations[1])
	same("payload", string(violation[1]), "the field in the details")
}

func unimplemented(c *client) {
	_, err := c.call("Missing", nil)
	ends(codes.Unimplemented, err)
	_, err = c.call("/actorlb.sample.Missing/Nothing", nil)
	ends(codes.Unimplemented, err)
}

func refused(c *client) {
	_, err := c.call("/actorlb.sample.Refused/Echo", question(large))
	same(true, strings.Contains(ends(codes.PermissionDenied, err).Message(), "address-denied"), "the reason's name is in the message")

	ctx, cancel := usual()
	defer cancel()
	stream := c.stream(ctx, "/actorlb.sample.Refused/Talk")
	_, err = all(stream)
	same(true, strings.Contains(ends(codes.PermissionDenied, err).Message(), "address-denied"), "the reason's name is in a stream's message")
}

func metadataBothWays(c *client) {
	trailing := string([]byte{0xAB, 0xAB, 0xAB, 0, 0xFF})
	long := make([]byte, 6000)
	_, err := rand.Read(long)
	good(err)
	ctx, cancel := usual()
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "trial-initial", "a value, and another", "trial-trailing-bin", trailing, "long-bin", string(long))
	var header, trailer metadata.MD
	_, err = c.callWithin(ctx, "Echo", nil, grpc.Header(&header), grpc.Trailer(&trailer))
	good(err)
	same([]string{"a value, and another"}, header.Get("trial-initial"), "the metadata before the answer")
	same([]string{trailing}, trailer.Get("trial-trailing-bin"), "the metadata behind the answer")

	stream := c.stream(ctx, "Talk")
	good(stream.CloseSend())
	_, err = all(stream)
	good(err)
	header, err = stream.Header()
	good(err)
	same([]string{"a value, and another"}, header.Get("trial-initial"), "the metadata before a stream")
	same([]string{trailing}, stream.Trailer().Get("trial-trailing-bin"), "the metadata behind a stream")
}

func health(c *client) {
	answer, err := c.call("/grpc.health.v1.Health/Check", nil)
	good(err)
	_, numbers := fields(answer)
	same(1, numbers[1], "the health of a server")
	_, err = c.call("/grpc.health.v1.Health/Check", text(1, []byte("nobody's")))
	ends(codes.NotFound, err)
}

func session(c *client) {
	var header metadata.MD
	first, err := c.call("Echo", nil, grpc.Header(&header))
	good(err)
	same(1, len(header.Get("x-session")), "tickets")
	server, _ := fields(first)
	for i := 0; i < 12; i++ {
		ctx, cancel := usual()
		answer, err := c.callWithin(metadata.AppendToOutgoingContext(ctx, "x-session", header.Get("x-session")[0]), "Echo", nil)
		cancel()
		good(err)
		texts, _ := fields(answer)
		same(string(server[2]), string(texts[2]), "the server of a session")
	}
}

func keepAlive(c *client) {
	connection := connect(c.root, []string{c.address}, grpc.WithKeepaliveParams(
		keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 3 * time.Second, PermitWithoutStream: true}))
	defer connection.Close()
	alive := &client{ClientConn: connection}
	answer, err := alive.call("Echo", late(silence))
	same(0, received(answer, err), "bytes that the server got")
	texts, _ := fields(answer)
	same(1, len(texts[1]), "bytes after a silence")
}

var cases = []struct {
	name string
	run  func(*client)
}{
	{"empty_unary", emptyUnary}, {"large_unary", largeUnary}, {"too_large_unary", tooLargeUnary}, {"compressed_unary", compressedUnary},
	{"client_streaming", clientStreaming}, {"server_streaming", serverStreaming}, {"ping_pong", pingPong}, {"empty_stream", emptyStream},
	{"many_in_parallel", manyInParallel}, {"reader_that_waits", readerThatWaits}, {"cancel_after_begin", cancelAfterBegin},
	{"cancel_reaches_server", cancelReachesServer}, {"deadline", deadline}, {"status", statuses}, {"status_details", statusDetails},
	{"unimplemented", unimplemented}, {"refused", refused}, {"metadata", metadataBothWays}, {"health", health}, {"session", session},
	{"keepalive", keepAlive},
}

func tryAll(address, root string) int {
	connection := connect(root, []string{address})
	defer connection.Close()
	code := 0
	for _, tried := range cases {
		began := time.Now()
		why := func() (why interface{}) {
			defer func() { why = recover() }()
			tried.run(&client{connection, address, root})
			return nil
		}()
		if why != nil {
			code = 1
			fmt.Printf("failed %s: %v\n", tried.name, why)
			continue
		}
		fmt.Printf("ok %s in %d ms\n", tried.name, time.Since(began).Milliseconds())
	}
	return code
}

// One connection at a time, and the next address where it ends. Calls that were on their way then are UNAVAILABLE, and nothing else.
func follow(folder string, addresses []string) int {
	connection := connect("", addresses)
	defer connection.Close()
	c := &client{ClientConn: connection}
	var done, bad int32
	for bad == 0 {
		if _, err := os.Stat(filepath.Join(folder, "stop")); err == nil {
			return 0
		}
		var group sync.WaitGroup
		for i := 0; i < 32; i++ {
			group.Add(1)
			go func(size int) {
				defer group.Done()
				_, err := c.call("Echo", question(size, size), grpc.WaitForReady(true))
				switch status.Code(err) {
				case codes.OK:
					atomic.AddInt32(&done, 1)
				case codes.Unavailable:
				default:
					atomic.StoreInt32(&bad, 1)
					fmt.Println("failed", err)
				}
			}(i)
		}
		group.Wait()
		fmt.Println("done", done)
	}
	return 1
}

func main() {
	arguments := append(os.Args[1:], "")
	if arguments[0] == "follow" {
		os.Exit(follow(arguments[1], os.Args[3:]))
	}
	os.Exit(tryAll(arguments[0], arguments[1]))
}
