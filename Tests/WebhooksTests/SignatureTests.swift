import Domain
import Foundation
import TestSupport
import Testing

@testable import Webhooks

@Suite("1. Signatures of every provider") struct SignatureTests {
    @Test("the right secret is found among others, by instance", arguments: SignedDelivery.all)
    func right(delivery: SignedDelivery) {
        #expect(delivery.verify() == "b")
        #expect(delivery.provider.verify(request(delivery.body, delivery.headers), secrets: [:]) == nil)
        let others = delivery.secrets.filter { $0.key != "b" }
        #expect(delivery.provider.verify(request(delivery.body, delivery.headers), secrets: others) == nil)
    }

    @Test("a wrong, missing, truncated, doubled or foreign signature is refused", arguments: SignedDelivery.all)
    func wrong(delivery: SignedDelivery) throws {
        let name = try #require(
            delivery.headers.first { delivery.provider.signatureHeaders.contains($0.name.lowercased()) }
        ).name
        let signature = try #require(delivery.headers.first { $0.name == name }).value
        let others = delivery.headers.filter { $0.name != name }
        let wrong = [
            "", " ", String(signature.dropLast()), String(signature.dropLast(2)), signature + "00",
            signature + signature,
            String(signature.dropFirst()), String(signature.reversed()), "é👍\u{0}",
            String(repeating: "a", count: 100_000),
            "sha256=", "v0=", "v1,",
        ]
        for text in wrong {
            let found = delivery.provider.verify(
                request(delivery.body, others + [(name, text)]),
                secrets: delivery.secrets
            )
            #expect(found == nil, "\(text.prefix(80))")
        }
        #expect(delivery.provider.verify(request(delivery.body, others), secrets: delivery.secrets) == nil)
        // A repeated header counts with its first value.
        let twice = request(delivery.body, delivery.headers + [(name, "x")])
        #expect(delivery.provider.verify(twice, secrets: delivery.secrets) == "b")
        let twiceWrong = request(delivery.body, [(name, "x")] + delivery.headers)
        #expect(delivery.provider.verify(twiceWrong, secrets: delivery.secrets) == nil)
    }

    @Test("the case of hexadecimal digits and blanks around a signature do not matter", arguments: SignedDelivery.all)
    func spelling(delivery: SignedDelivery) {
        guard !delivery.name.hasPrefix("generic-") || delivery.name == "generic-sha1" else { return }
        var changed = delivery
        changed.headers = delivery.headers.map { name, value in
            guard delivery.provider.signatureHeaders.contains(name.lowercased()) else { return (name, value) }
            let mark = value.firstIndex(of: "=").map { value[...$0] } ?? ""
            return (name.uppercased(), "  \(mark)\(value.dropFirst(mark.count).uppercased())\t")
        }
        #expect(changed.verify() == "b")
    }

    @Test("any bytes can be signed", arguments: SignedDelivery.all)
    func anyBytes(delivery: SignedDelivery) throws {
        guard let provider = delivery.provider as? any ImitableProvider else { return }
        let bodies: [[UInt8]] = [
            [], Array("a\r\n\u{0}é👍".utf8), [0xFF, 0xFE, 0x00, 0xC0],
            [UInt8](repeating: 7, count: delivery.name == "github" ? 10 << 20 : 10_000),
        ]
        for body in bodies {
            let imitated = ImitatedDelivery(
                event: ImitatedEvent("push"),
                body: body,
                secret: delivery.secrets["b"],
                id: "1",
                sentAt: arrival
            )
            let headers = try #require(provider.headers(imitating: imitated))
            #expect(provider.verify(request(body, headers), secrets: delivery.secrets) == "b")
        }
    }

    @Test("one flipped bit anywhere in the body or a signed header is refused", arguments: SignedDelivery.all)
    func flippedBit(delivery: SignedDelivery) {
        // A token signs nothing but itself.
        if delivery.name != "generic-token" {
            for index in delivery.body.indices {
                for bit in 0..<8 {
                    var changed = delivery
                    changed.body[index] ^= 1 << bit
                    #expect(changed.verify() == nil, "body byte \(index), bit \(bit)")
                }
            }
        }
        for (position, header) in delivery.headers.enumerated()
        where delivery.signedHeaders.contains(header.name.lowercased()) {
            let bytes = Array(header.value.utf8)
            for index in bytes.indices {
                for bit in 0..<7 {
                    var changed = delivery
                    var value = bytes
                    value[index] ^= 1 << bit
                    changed.headers[position].value = String(decoding: value, as: UTF8.self)
                    guard changed.canonical != delivery.canonical else { continue }
                    #expect(changed.verify() == nil, "\(header.name) byte \(index), bit \(bit)")
                }
            }
        }
    }

    @Test("a signed time may be five minutes off, not more")
    func times() throws {
        for delivery in SignedDelivery.all
        where ["slack", "generic-standard", "generic-base64"].contains(delivery.name) {
            for (offset, isTaken) in [(-301.0, false), (-299, true), (299, true), (301, false)] {
                let late = request(delivery.body, delivery.headers, at: arrival.addingTimeInterval(offset))
                #expect((delivery.provider.verify(late, secrets: delivery.secrets) != nil) == isTaken, "\(offset)")
            }
        }
    }

    @Test("several signatures of one delivery: any may fit, also under the svix names")
    func severalSignatures() throws {
        let delivery = try #require(SignedDelivery.all.first { $0.name == "generic-standard" })
        let signature = try #require(delivery.headers.first { $0.name == "webhook-signature" }).value
        let foreign = "v1a,AAAA v1,\(Data(repeating: 1, count: 32).base64EncodedString())"
        let svix = delivery.headers.map { name, value in
            let own = name.replacing("webhook-", with: "svix-")
            return (own, own == "svix-signature" ? "\(foreign) \(signature)" : value)
        }
        #expect(delivery.provider.verify(request(delivery.body, svix), secrets: delivery.secrets) == "b")
        #expect(delivery.provider.deliveryID(of: request([], svix), payload: ([:] as JSONValue).node) == "delivery-1")
        let wrong = svix.map { ($0.0, $0.0 == "svix-signature" ? foreign : $0.1) }
        #expect(delivery.provider.verify(request(delivery.body, wrong), secrets: delivery.secrets) == nil)
    }
}
