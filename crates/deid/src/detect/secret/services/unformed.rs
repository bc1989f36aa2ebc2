//! Vendors of whose keys no form is published, or too many: what they issue is known by the name before it alone.

use super::super::service::{Service, form, service};
use super::super::shape::Alphabet::*;

/// What stands for all of them: a value that looks drawn at random, of a length that keys have.
pub(super) static SERVICE: Service =
    service("vendor-key", &[], &[form(Url, 16, 160), form(Dotted, 24, 320), form(Wide, 33, 320)]);

/// How they are named, in lower case, between blanks. A name that is also a word of English ends in a sign.
pub(super) const NAMES: &str = "\
    17track 1password abbysale adzuna aemet aeroworkflow agilecrm agilitycms agora aikido airship_ aiven akamai_ \
    alconost alegra aletheiaapi allsports amazonmws ambee ankr ansible_ apacta api2cart api2convert apideck apiflash \
    apifonica apimatic apiscience apitemplate apolloio appcues appfollow appointedd appsmith appsynergy apptivo \
    arcjet artsy asanaapi ascendex atera autodesk autoklose avaza axiom_ axonaut ayrshare azuredevops azureopenai \
    azuresearch azurestorage bandsintown bannerbear baremetrics baseapiio baseten basistheory beebole besnappy \
    besttime betterstack betteruptime beyondidentity billomat bitbar bitcoinaverage bitget bitgo bithumb bitpanda \
    bitpay bitquery bitvavo blablabus blastapi blazemeter blitapp blockprotocol bokun boldsign bombbomb boostnote \
    borgbase branchio brandfetch brightbox brightlocal browserbase browshot btcpay buddyns budibase bugherd \
    builderio buildkite bulbul bulksms buttercms caflou calcom calendarific calorieninja campayn cannyio capsulecrm \
    captaindata carboninterface cartesia carto cartrover cashboard caspio centralstationcrm cexio chainstack \
    chartmogul chatfule chatra checio checkmarket checkvist cielo circleapi clickhelp cliengo clinchpad clockodo \
    clockworksms closecrm cloudant cloudbeds cloudelements cloudimage cloudmersive cloudns cloudplan cloudsight \
    cloudways cloverly clustdoc codequiry coderabbit coincheck coindcx coinlayer coinlist coinone coinpayments \
    column_ cometchat commercejs companyhub composio confluent contabo conversiontools convier copper_ copyscape \
    coralogix cosmicjs cosmosdb covalenthq coze craftmypdf cricket_ cronitor crossbrowsertesting crossmint cryptocom \
    currencycloud currencyfreaks customerguru cypress_ d7network dailyco dareboost data_gov databento databox \
    datagov datastax deadmanssnitch debank debounce deepai deepinfra definednetworking delhivery demio deribit \
    devcycle deviantart dfuse diggernaut digitalocean directus_ distribusion dixa dnscheck dnsimple docparser documo \
    doppler dotmailer dovico dronahq droneci drpc dubco duckdns duply dynadot dynatrace dynu dyspatch \
    eagleeyenetworks easydns easyinsight ebay ecostruxureit ecwid edenai edusign eightxeight elasticpath \
    emaillistverify emailoctopus enablex equinix esignatures ethplorer etsy everhour eversign exoscale exportsdk \
    extractorapi faceplusplus falai fastforex feedier fetchrss fibery fileio finage fireblocks firecrawl firehydrant \
    fireworksai flagsmith flatio fleetbase flightapi flightlabs float_ flowdash flowdock flowflu flutterwave flyio \
    fmfw formbucket formcraft formsite frameio freemius freshsales friendli front_ fusebill fxmarket gateio gcnotify \
    geckoboard gengo geoipifi getblock getemail getgeoapi getgist getsandbox ghostcms glitterlyapi gocanvas godaddy \
    gosquared grafana graphcms groovehq gtmetrix guardianapi gyazo hackclub happyscribe heatmapapi hereapi hexpm \
    heygen highnote hitbtc hiveage holidayapi honey_ hostaway hostinger hubstaff hunterio hybiscus hygraph \
    hypeauditor hypertrack iconfinder ideogram imagga inaturalist incidentio indodax infisical infracost \
    infusionsoft inngest instabot interseller intra42 invoiceocean ipify ipinfodb ipquality jsonbin jumpcloud \
    jumpseller kagi_ kakaotalk kaleyra kaltura kamatera kanbantool karmacrm katapult kickfire kiteconnect klingai \
    klipfolio knapsackpro kontent korbit kubeconfig kylas langchain langsmith leadfeeder leadiq leaseweb lendflow \
    lessannoyingcrm lexigram lichess linenotify linkpreview liveagent liveblocks livechatinc livekit livestorm \
    llamacloud loadmill lodgify loginradius loyverse luadns lusha madkudu mailboxlayer mailmodo mailpoet mailsac \
    mappedin mavenlink meistertask mem0 meraki mergify mesibo metaapi meteomatics meteostat metoffice metrilo mexc \
    midise millionverifier mindmeister mintlify mistral_ mixcloud mockaroo mojohelpdesk mondayapi moonclerk moonpay \
    mrticktock murf myexperiment myintervals namecheap namesilo nansen nasdaqdatalink nethunt neutrinoapi \
    newscatcher nftport nicehash nicereply nightfall nodereal noticeable notionapi novita nsone nubela nvidia_ nylas \
    ocrspace octoai octopusdeploy ollama_ omnisend onbuka onepagecrm onwaterio oopspam opencart opendatasoft \
    opengraphr opennode openrouter openshift_token opsramp optidash oryapi owlbot page2images pandascore pangea_ \
    paralleldots parcelperform parsehub parseur partnerstack passbase pastebin paydirtapp payloadcms paymo paymoapp \
    paymongo pdfmyurl percy perenual permitio perplexity_ phemex pinata pipedream pirsch plantnet planviewleankit \
    planyo playht podio pokt polar_ pollinations pollsapi polymarket porkbun portainer postageapp posthog powerdns \
    powrbot prefect_ printfection privateai processst prospectcrm prospectio protocolsio proxycrawl pulumi purestake \
    qase qualaroo qubole quickmetrics quoine rabbitmq railway_ ramp_ reachmail readme_ reallysimplesystems \
    rechargepayments redbooth redirectpizza refiner rentman repairshopr replicate_ requestfinance resend_ restpack \
    retellai revampcrm rezdy riotgames rocketreach roninapp rootly route4me runpod runrunit saladcloud salesblink \
    salescookie salesflare salesmate samsara sanityio satismeter scaleai scalingo scalr scoutapm scrapeowl \
    scraperbox scrapersite scrapfly scrapingant scrapingdog screenshotapi scrutinizerci seam_ segment_ selectpdf \
    sellfy sendcloud sendoso sendy serphouse setlistfm settlemint sheety sherpadesk ship24 shipday shippo_ \
    shiprocket shopee shopware shotstack shutterstock sidekiq signalr signalwire signeasy signupgenius signwell \
    sigopt simfin simplesat simplybook simplynoted simvoly siteleaf skiddle skrappio skybiometry smartsuite smoobu \
    smooch smsapi snipcart snovio speechmatics speechtextai sportsmonk squadcast squareapp sslmate statuscake \
    statusio statuspal stockdata storecove stormboard storychief strapi_ stytch sugester superblocks supernotes \
    supportbee surge surveyanyplace surveysparrow svix swell_ tableau_ tallyfy tatumio tawk teamgate teamviewer \
    teamworkcrm teamworkdesk teamworkspaces technicalanalysisapi tefter telesign testingbot testkube text2data \
    thegraph thinkific thirdweb thousandeyes thunderstore tickettailor tidio timedoctor timekit timezoneapi tinybird \
    tmetric togetherai toggltrack tokeet tokocrypto tolgee tomorrowio tooljet transak travelpayouts travisci trefle \
    trelloapi triggerdev tyntec typetalk unifyid unkey unleash_ unplugg upcdatabase upcloud uplead uproc upwave \
    userstack valtown vastai vbout veevavault verimail versioneye viewneo voiceflow voicegain volcengine volusion \
    vouchery voyageai vpnapi vyte wakatime walkscore warpstream wazirx weatherunlocked webengage websitepulse wepay \
    whitebit whoxy wixapi woopra wordsapi workos worksnaps workstack worldcoinindex worldweather wpengine wrikeapi \
    wyre xata xendit xmatters yext yookassa yoomoney yotpo youneedabudget zaif zenscrape zenserp zhipu zhipuai \
    zipapi zipbooks zipcodebase zohocrm zonkafeedback zoominfo zopim zulipchat zuplo";
